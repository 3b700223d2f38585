import sys
import time

from scoring_service.runtime import children


def test_a_child_that_dies_is_started_again_and_stopped_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "FIRST_PAUSE_SECONDS", 0.05)
    traces = tmp_path / "traces"
    code = f"import os, time; open({str(traces)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(0 if os.path.getsize({str(traces)!r}) < 12 else 60)"
    child = children._Child([sys.executable, "-S", "-c", code])
    child.start()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (traces.exists() and len(traces.read_text().split()) >= 2):
        time.sleep(0.05)
    assert len(set(traces.read_text().split())) >= 2
    child.stop()
    assert child._process.poll() is not None
    assert not child._watcher.is_alive()
