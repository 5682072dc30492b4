"""The one stylesheet of the window, written from the theme's tokens."""

from __future__ import annotations

import re

from gui.theme import MONO_FAMILY, UI_FAMILY, Theme

_TOKEN = re.compile(r"\$(\w+)")
_PIXELS = re.compile(r"(\d+(?:\.\d+)?)u\b")


def stylesheet(theme: Theme) -> str:
    """The rules with every `$token` as its colour and every `8u` as pixels at the theme's text scale."""
    named = _RULES.replace("$ui", UI_FAMILY).replace("$mono", MONO_FAMILY)
    colored = _TOKEN.sub(lambda found: theme.hex(found[1]), named)
    return _PIXELS.sub(lambda found: f"{max(theme.px(float(found[1])), 1)}px", colored)


_RULES = """
QMainWindow, QWidget#Page, QDialog { background: $window; }
QMainWindow::separator { background: $window; width: 4u; height: 4u; }
QMainWindow > QTabBar, QMainWindow > QTabBar::tab { height: 0; max-height: 0; margin: 0; padding: 0; border: 0; }
QTabBar#Projects { background: transparent; border: 0; }
QTabBar#Projects::tab { background: transparent; color: $text2; height: 28u; min-width: 110u; max-width: 220u;
  padding: 0 6u 0 8u; margin-right: 2u; border: 0; border-radius: 6u; }
QTabBar#Projects::tab:hover { background: $control; color: $text; }
QTabBar#Projects::tab:selected { background: $panel; color: $text; font-weight: 600; }
QTabBar#Projects[away="true"]::tab:selected { background: transparent; color: $text2; font-weight: 400; }
QTabBar#Projects::close-button { image: none; }
QTabBar#Projects QToolButton#ScrollLeftButton, QTabBar#Projects QToolButton#ScrollRightButton {
  background: $window; border-radius: 0; }
QTabBar#Projects::scroller { width: 48u; }
QLabel[role="hint"] { background: $raised; color: $text; border: 1px solid $line2; padding: 4u 8u; font-size: 11u; }
QToolBar { background: $window; border: 0; padding: 0; margin: 0; spacing: 0; }
QToolTip { background: $raised; color: $text; border: 1px solid $line2; padding: 4u 6u; font-size: 11u; }

QFrame[role="panel"] { background: $panel; border-radius: 6u; }
QFrame[role="window"] { background: $window; }
QFrame[role="body"] { background: $panel; border-bottom-left-radius: 6u; border-bottom-right-radius: 6u; }
QFrame[role="line"] { background: $line1; border: 0; }
QFrame[role="inset"] { background: $inset; border-radius: 4u; }
QFrame[role="card"] { background: $raised; border: 1px solid $line1; border-radius: 6u; }
QFrame[role="finding"] { background: $raised; border: 1px solid $line2; border-radius: 6u; }
QFrame[role="finding"][state="critical"] { border: 1px solid $errorBg; }
QFrame[role="why"] { background: $inset; border: 0; border-radius: 6u; }
QWidget[role="press"] { background: transparent; border: 1px solid transparent; border-radius: 4u; }
QWidget[role="press"]:focus { border: 1px solid $accent; }
QFrame[role="template"] { background: $raised; border: 1px solid $line1; border-radius: 6u; }
QFrame[role="template"][state="lit"] { border: 2px solid $accent; }
QFrame[role="recent"] { background: transparent; border: 1px solid transparent; border-radius: 4u; }
QFrame[role="recent"]:hover { background: $raised; }
QFrame[role="recent"]:focus { border: 1px solid $accent; }
QFrame[role="error-box"] { background: $errorBg; border-radius: 4u; }
QFrame[role="warn-box"] { background: $warnBg; border-radius: 4u; }
QFrame[role="info-box"] { background: $accentBg; border-radius: 4u; }
QFrame[role="inferred"] { background: transparent; border: 1px solid $line1; border-radius: 4u; }
QFrame[role="inferred"]:hover { border-color: $line2; }
QWidget[role="clear"] { background: transparent; }

QLabel { background: transparent; color: $text; }
QLabel[role="title"] { font-weight: 600; }
QLabel[role="display"] { font-size: 20u; font-weight: 600; }
QLabel[role="card-title"] { font-size: 13u; font-weight: 600; }
QLabel[role="name"] { font-size: 15u; font-weight: 600; }
QLabel[role="secondary"] { color: $text2; }
QLabel[role="caption"] { color: $text3; font-size: 11u; }
QLabel[role="caption2"] { color: $text2; font-size: 11u; }
QLabel[role="mono"] { font-family: "$mono"; font-size: 12u; }
QLabel[role="mono11"] { font-family: "$mono"; font-size: 11u; }
QLabel[role="mono-caption"] { font-family: "$mono"; font-size: 11u; color: $text3; }
QLabel[role="mono-secondary"] { font-family: "$mono"; font-size: 11u; color: $text2; }
QLabel[role="tag"] { background: $control; color: $text2; font-size: 11u; border-radius: 3u; padding: 1u 5u; }
QLabel[role="keycap"] { border: 1px solid $line2; border-radius: 3u; color: $text2; font-size: 11u; padding: 0 4u; }
QLabel[role="ok"] { color: $ok; font-size: 11u; }
QLabel[role="warn"] { color: $warn; font-size: 11u; }
QLabel[role="error"] { color: $error; font-size: 11u; }
QLabel[role="count"] { background: $control; color: $text; border-radius: 3u; padding: 0 5u; font-size: 11u; }

QPushButton { background: $control; color: $text; border: 0; border-radius: 4u; padding: 0 12u; min-height: 28u;
  font-weight: 500; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $line2; }
QPushButton:focus { border: 2u solid $accent; }
QPushButton:disabled { color: $disabled; background: $control; }
QPushButton[role="primary"] { background: $accent; color: $accentInk; }
QPushButton[role="primary"]:hover { background: $accent; border: 1px solid $text; }
QPushButton[role="primary"]:focus { border: 2u solid $text; }
QPushButton[role="primary"]:disabled { background: $control; color: $disabled; }
QPushButton[role="small"] { min-height: 24u; padding: 0 8u; font-size: 11u; }
QPushButton[role="small-primary"] { background: $accent; color: $accentInk; min-height: 24u; padding: 0 8u; }
QPushButton[role="outline"] { background: $control; border: 1px solid $line2; min-height: 22u; padding: 0 8u;
  font-size: 11u; }
QPushButton[role="outline"]:focus { border: 1px solid $accent; }
QPushButton[role="link"] { background: transparent; color: $accent; padding: 0; min-height: 20u; font-weight: 400;
  text-align: left; }
QPushButton[role="link"]:focus { border: 0; text-decoration: underline; }
QPushButton[role="quiet"] { background: transparent; color: $text2; padding: 0 6u; font-weight: 400; }
QPushButton[role="quiet"]:hover { color: $text; }
QPushButton[role="transport"] { min-height: 32u; padding: 0 12u; }
QPushButton[role="train"] { background: $accent; color: $accentInk; min-height: 32u; padding: 0 12u; }
QPushButton[role="train"]:hover { border: 1px solid $text; }
QPushButton[role="train"]:disabled { background: $control; color: $disabled; }
QPushButton[role="doctor"] { min-height: 28u; padding: 0 12u; font-weight: 600; color: $text2; }
QPushButton[role="doctor"][tone="ok"], QPushButton[role="doctor"][tone="hint"] { background: $okBg; color: $ok; }
QPushButton[role="doctor"][tone="warning"] { background: $warnBg; color: $warn; }
QPushButton[role="doctor"][tone="critical"] { background: $errorBg; color: $error; }
QPushButton[role="doctor"]:hover { border: 1px solid $line3; }
QPushButton[role="doctor"]:focus { border: 2u solid $accent; }
QPushButton[role="remedy"] { background: $control; }
QPushButton[role="remedy"]:hover { background: $hover; }
QPushButton[role="remedy-first"] { background: $accent; }
QPushButton[role="remedy-first"]:hover { border: 1px solid $text; }
QPushButton[role="remedy-first"]:focus { border: 2u solid $text; }
QPushButton[role="wide"] { min-height: 36u; text-align: left; padding: 0 12u; }
QPushButton[role="wide-primary"] { background: $accent; color: $accentInk; min-height: 36u; text-align: left;
  padding: 0 12u; }
QPushButton[role="chip"] { min-height: 24u; padding: 0 8u; font-size: 11u; }
QPushButton[role="chip"]:focus { padding: 0 6u; }
QPushButton[role="chip"]:checked { background: $text; color: $window; }

QToolButton { background: transparent; border: 0; border-radius: 4u; padding: 0; color: $text2; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $control; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[role="text"] { padding: 0 6u; color: $text; }
QToolButton[role="crumb"] { padding: 1u 3u; color: $text2; }
QToolButton[role="crumb"]:hover { color: $text; }
QToolButton[role="crumb-count"] { padding: 1u 5u; color: $text2; background: $control; font-size: 11u; }
QToolButton[role="crumb-count"]:hover { background: $hover; }
QToolButton[role="tab"] { padding: 0 9u; color: $text2; border-radius: 0; border-bottom: 2px solid transparent; }
QToolButton[role="tab"]:hover { background: transparent; color: $text; }
QToolButton[role="tab"]:checked { background: transparent; color: $text; font-weight: 600;
  border-bottom: 2px solid $accent; }
QFrame[role="segments"] { background: $control; border-radius: 4u; }
QToolButton[role="segment"] { color: $text2; padding: 0 8u; font-size: 11u; border-radius: 4u; }
QToolButton[role="segment"]:hover { color: $text; background: transparent; }
QToolButton[role="segment"]:checked { background: $hover; color: $text; font-weight: 600; }

QLineEdit, QPlainTextEdit[role="field"] { background: $inset; color: $text; border: 1px solid $line3;
  border-radius: 4u; padding: 0 6u; min-height: 22u; selection-background-color: $accentBg; selection-color: $text; }
QLineEdit[role="search"] { min-height: 26u; }
QLineEdit[role="finder"] { min-height: 30u; font-size: 13u; padding: 0 8u; border: 1px solid $accent; }
QLineEdit[role="value"] { font-family: "$mono"; }
QLineEdit[role="rate"] { font-family: "$mono"; min-height: 16u; }
QLineEdit:focus { border: 1px solid $accent; }
QLineEdit[state="error"], QLineEdit[state="error"]:focus { border: 1px solid $error; }
QLineEdit:disabled { color: $disabled; border-color: $line1; }
QLineEdit[role="bare-name"] { border: 0; border-bottom: 1px solid transparent; border-radius: 0;
  background: transparent; padding: 0; min-height: 20u; font-size: 15u; font-weight: 600; }
QLineEdit[role="bare-name"]:hover { border-bottom: 1px solid $line2; }
QLineEdit[role="bare-name"]:focus { border-bottom: 1px solid $accent; }
QComboBox { background: $inset; color: $text; border: 1px solid $line3; border-radius: 4u; padding: 0 20u 0 6u;
  min-height: 22u; font-family: "$mono"; }
QComboBox:focus { border: 1px solid $accent; }
QComboBox[role="cell"] { background: transparent; border: 1px solid transparent; }
QComboBox[role="cell"]:hover { border: 1px solid $line3; }
QComboBox[role="cell"]:focus { border: 1px solid $accent; }
QComboBox:disabled { color: $disabled; border-color: $line1; }
QComboBox::drop-down { border: 0; width: 20u; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: $raised; color: $text; border: 1px solid $line2; padding: 4u;
  selection-background-color: $accentBg; selection-color: $text; outline: 0; }
QComboBox QAbstractItemView::item { min-height: 24u; padding: 0 4u; }
QCheckBox { spacing: 6u; color: $text; background: transparent; }

QMenuBar { background: transparent; color: $text; border: 0; padding: 0; }
QMenuBar::item { background: transparent; padding: 5u 9u; border-radius: 4u; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $control; }
QMenu { background: $raised; color: $text; border: 1px solid $line2; padding: 4u; }
QMenu::item { padding: 5u 28u 5u 12u; border-radius: 4u; }
QMenu::icon { padding-left: 8u; }
QMenu::item:selected { background: $accentBg; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line2; margin: 4u 8u; }
QMenu::right-arrow { image: none; }

QTreeView, QTableView, QListView, QPlainTextEdit { background: transparent; border: 0; color: $text;
  selection-background-color: $accentBg; selection-color: $text; outline: 0; }
QListWidget::item { min-height: 24u; padding: 0 4u; border-radius: 4u; }
QListWidget::item:selected { background: $accentBg; color: $text; }
QTableView { gridline-color: $line1; }
QHeaderView, QHeaderView::section { background: transparent; color: $text3; border: 0; font-size: 11u; }
QHeaderView::section { padding: 0 8u; border-bottom: 1px solid $line1; }
QTableCornerButton::section { background: transparent; border: 0; }
QScrollArea, QScrollArea > QWidget > QWidget[role="page"] { background: transparent; border: 0; }
QAbstractScrollArea::corner { background: transparent; }
QScrollBar { background: transparent; border: 0; margin: 0; }
QScrollBar:vertical { width: 8u; }
QScrollBar:horizontal { height: 8u; }
QScrollBar::handle { background: $line2; border-radius: 3u; margin: 1u; }
QScrollBar::handle:hover { background: $line3; }
QScrollBar::handle:vertical { min-height: 24u; }
QScrollBar::handle:horizontal { min-width: 24u; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider { background: transparent; min-height: 18u; }
QSlider::groove:horizontal { height: 3u; background: $line2; border-radius: 1u; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 1u; }
QSlider::handle:horizontal { background: $text; width: 10u; height: 10u; margin: -4u 0; border-radius: 5u; }
QProgressBar { background: $line2; border: 0; border-radius: 2u; max-height: 4u; min-height: 4u; }
QProgressBar::chunk { background: $accent; border-radius: 2u; }
QSplitter::handle { background: $window; }
"""
