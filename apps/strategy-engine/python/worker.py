"""Computes indicators for the strategy engine in one long-lived process.

Protocol: one JSON object per line. The first line written is {"ready": true, ...}. After that every
request {"id", "operation", ...} gets exactly one line back: {"id", "result"} or {"id", "error"}.
The process ends when its standard input does.
"""

import json
import os
import signal
import sys

# An init process may signal the whole process group. The worker has to outlive that, because its
# parent still needs it to answer the requests it drains; the end of stdin is what stops it.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)

# Keep the real stdout for the protocol, and let whatever else prints go to stderr.
protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402


class InvalidRequest(Exception):
    """The request itself is at fault; its message is meant for the caller."""


def crossover(request):
    """Moving-average crossover: buy where the fast average rises above the slow one."""
    closes, fast, slow = request.get("closes"), request.get("fast"), request.get("slow")
    if not is_window(fast) or not is_window(slow) or fast >= slow:
        raise InvalidRequest("fast and slow must be positive integers with fast < slow")
    if not isinstance(closes, list) or not all(is_price(close) for close in closes):
        raise InvalidRequest("closes must be an array of finite numbers")
    if len(closes) < slow + 1:
        raise InvalidRequest(f"{len(closes)} closes are too few, {slow + 1} are needed")

    series = pd.Series(closes, dtype="float64")
    fast_average = series.rolling(fast).mean()
    slow_average = series.rolling(slow).mean()
    side = np.sign((fast_average - slow_average).to_numpy()[slow - 1 :])
    # Rolling sums leave rounding noise; averages that close count as equal.
    scale = np.abs(slow_average.to_numpy()[slow - 1 :])
    gap = np.abs((fast_average - slow_average).to_numpy()[slow - 1 :])
    side[gap <= 1e-9 * np.maximum(scale, 1.0)] = 0.0
    # Where the averages touch, the side they came from still counts: touching is not crossing.
    held = pd.Series(side).replace(0.0, np.nan).ffill().to_numpy()

    crossings = [
        {"index": int(position) + slow - 1, "direction": "buy" if held[position] > 0 else "sell"}
        for position in range(1, len(held))
        if not np.isnan(held[position - 1]) and held[position] != held[position - 1]
    ]
    last = crossings[-1] if crossings else None
    return {
        "signal": last["direction"] if last and last["index"] == len(closes) - 1 else "hold",
        "fastAverage": float(fast_average.iloc[-1]),
        "slowAverage": float(slow_average.iloc[-1]),
        "crossings": crossings,
    }


def ping(_request):
    return "pong"


OPERATIONS = {"crossover": crossover, "ping": ping}


def is_window(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def is_price(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value)


def answer(line):
    request_id = None
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise InvalidRequest("a request must be a JSON object")
        request_id = request.get("id")
        operation = OPERATIONS.get(request.get("operation"))
        if operation is None:
            raise InvalidRequest(f"there is no operation {request.get('operation')!r}")
        return {"id": request_id, "result": operation(request)}
    except InvalidRequest as error:
        return {"id": request_id, "error": {"code": "invalid_request", "message": str(error)}}
    except ValueError as error:
        return {"id": request_id, "error": {"code": "invalid_json", "message": str(error)}}
    except Exception as error:  # noqa: BLE001 - one bad request must not end the worker
        message = f"{type(error).__name__}: {error}"
        return {"id": request_id, "error": {"code": "internal_error", "message": message}}


def write(message):
    protocol.write(json.dumps(message, allow_nan=False) + "\n")
    protocol.flush()


def main():
    write({"ready": True, "numpy": np.__version__, "pandas": pd.__version__})
    for line in sys.stdin:
        if line.strip():
            write(answer(line))


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        # The parent is gone. Without this, flushing at exit would fail once more.
        os._exit(0)
