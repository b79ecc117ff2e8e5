"""Snorkel's parallel appliers, mended for pandas 3.

Dask asks what a partition's result looks like by trying the labeling functions on made-up rows.
With pandas 3 these hold missing values, on which ``x.review.lower()`` fails: "Metadata inference
failed". Saying what the result looks like spares the trial.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from snorkel.labeling.apply.core import BaseLFApplier, _FunctionCaller
from snorkel.labeling.apply.pandas import apply_lfs_to_data_point, rows_to_triplets


class DaskLFApplier(BaseLFApplier):
    """Applies labeling functions to a Dask frame; in place of Snorkel's of the same name.

    Parameters
    ----------
    lfs : list of LabelingFunction
    """

    def apply(
        self, df: Any, scheduler: Any = "processes", fault_tolerant: bool = False
    ) -> np.ndarray:
        """Apply the functions to every row.

        Parameters
        ----------
        df : dask.dataframe.DataFrame
        scheduler : str or distributed.Client
            With ``"processes"``, a script needs ``if __name__ == "__main__":``.
        fault_tolerant : bool
            Whether a function that raises abstains.

        Returns
        -------
        ndarray of int64, shape (number of rows, len(lfs))
        """
        caller = _FunctionCaller(fault_tolerant)
        votes = partial(apply_lfs_to_data_point, lfs=self._lfs, f_caller=caller)
        rows = df.map_partitions(_apply_to_rows, votes, meta=(None, object))
        return self._numpy_from_row_data(rows_to_triplets(rows.compute(scheduler=scheduler)))


class PandasParallelLFApplier(DaskLFApplier):
    """Applies labeling functions to a pandas frame in several processes; in place of Snorkel's.

    Parameters
    ----------
    lfs : list of LabelingFunction
    """

    def apply(
        self,
        df: pd.DataFrame,
        n_parallel: int = 2,
        scheduler: Any = "processes",
        fault_tolerant: bool = False,
    ) -> np.ndarray:
        """Apply the functions to every row.

        Parameters
        ----------
        df : DataFrame
        n_parallel : int
            Number of parts the frame is cut into.
        scheduler, fault_tolerant
            As for `DaskLFApplier.apply`.

        Returns
        -------
        ndarray of int64, shape (len(df), len(lfs))

        Raises
        ------
        ValueError
            If `n_parallel` is less than 2: then Snorkel's PandasLFApplier does the same.
        """
        import dask.dataframe as dd

        if n_parallel < 2:
            raise ValueError("n_parallel must be 2 or more; for 1, use PandasLFApplier")
        # Cut by position: Dask would sort an index that is not sorted, and the rows with it.
        parts = dd.from_pandas(df.reset_index(drop=True), npartitions=n_parallel)
        return super().apply(parts, scheduler=scheduler, fault_tolerant=fault_tolerant)


def _apply_to_rows(part: pd.DataFrame, votes: Any) -> pd.Series:
    return pd.Series([votes(row) for _, row in part.iterrows()], index=part.index, dtype=object)
