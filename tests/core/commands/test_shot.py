import pytest
from PIL import Image


@pytest.mark.slow
@pytest.mark.parametrize(("file", "theme"), [("iris", "light"), ("welcome", "dark")])
def test_the_picture_has_the_size_asked_for(call, tmp_path, file, theme):
    picture = tmp_path / "window.png"
    assert call("shot", file, "-o", picture, "--size", "1000x700", "--scale", "1.5", "--theme", theme).code == 0
    with Image.open(picture) as image:
        assert image.size == (1500, 1050)
        corner = sum(image.convert("RGB").getpixel((2, 2)))
    assert (corner > 384) == (theme == "light")
