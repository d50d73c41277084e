"""Start a Dask cluster of so many processes on this machine, print its address, and end it when the input ends."""

import sys

from distributed import LocalCluster


def main() -> None:
    """Lend the cluster until nobody listens any more."""
    with LocalCluster(n_workers=int(sys.argv[1]), threads_per_worker=1, dashboard_address=None) as cluster:  # type: ignore[no-untyped-call]
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
