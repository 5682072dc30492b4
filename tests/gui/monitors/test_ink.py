from gui.monitors.ink import Ink
from gui.monitors.loss import LossMonitor
from gui.monitors.schedule import ScheduleMonitor


def test_all_plots_draw_with_the_same_ink_and_with_another_in_another_look(shown, themes):
    loss, rate = shown(LossMonitor).plot, shown(ScheduleMonitor).plot
    before = loss.theme
    assert before is rate.theme
    assert before.label("1,000") is rate.theme.label("1,000")
    themes.use("light")
    assert loss.theme is rate.theme
    assert loss.theme is not before
    assert loss.theme.theme is themes.current
    assert loss.theme is themes.kept(Ink)
