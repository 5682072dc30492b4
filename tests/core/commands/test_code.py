import pytest

from core.commands.opening import templates


def test_the_source_of_lenet5(call, golden):
    result = call("code", "lenet5")
    assert result.code == 0
    golden("code-lenet5.py.txt", result.out)


@pytest.mark.parametrize("name", templates())
def test_the_source_is_python(call, name):
    compile(call("code", name).out, name, "exec")


def test_the_script_of_a_training_and_the_data_beside_it(call, tmp_path):
    target = tmp_path / "flowers.py"
    told = call("code", "iris", "--script", "-o", target)
    assert told.out.split() == [str(target), str(tmp_path / "flowers-iris.npz")]
    assert (tmp_path / "flowers-iris.npz").stat().st_size < 20_000
    text = target.read_text(encoding="utf-8")
    assert "flowers-iris.npz" in text
    assert call("code", "iris", "--script").out == text.replace("flowers-", "network-")
    assert call("code", "iris", "-o", target).code == 0
    assert target.read_text(encoding="utf-8") == call("code", "iris").out


def test_a_network_that_cannot_train_has_no_script(call, tmp_path):
    from core.files import save
    from core.project import Project

    save(Project(), tmp_path / "empty.chain")
    told = call("code", tmp_path / "empty.chain", "--script")
    assert told.code in (1, 2)
    assert told.err
