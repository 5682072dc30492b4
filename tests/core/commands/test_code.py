import pytest

from core.commands.opening import templates


def test_the_source_of_lenet5(call, golden):
    result = call("code", "lenet5")
    assert result.code == 0
    golden("code-lenet5.py.txt", result.out)


@pytest.mark.parametrize("name", templates())
def test_the_source_is_python(call, name):
    compile(call("code", name).out, name, "exec")
