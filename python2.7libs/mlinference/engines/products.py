"""The product of one row and a large matrix, for which only the rows that count are read.

After ReLU most of a layer is zero: four fifths of what the article's network hands to its large
matrix, whose 13 MB are then most of the time that a picture takes. NumPy's own product reads
all of them.
"""

import numpy

# Smaller matrices stay in the processor's caches, and of shorter rows nothing is gained.
LEAST_VALUES = 1 << 19
LEAST_COLUMNS = 512

# With more of the row than this the whole matrix is as quick: gathering copies. Measured with
# NumPy 1.16, where it is a little more than a third, and 2.4, where it is two fifths.
MOST = 1 / 3.0

# Floats that are gathered at once: half a level-2 cache, from which they are read again.
GATHERED = 128 * 1024


def worth_gathering(matrix):
    """Tell whether `of_row` gains something with this matrix, and gives the same answer.

    Infinity or NaN in a row that is passed over would be missed.
    """
    large = matrix.ndim == 2 and matrix.size >= LEAST_VALUES and matrix.shape[1] >= LEAST_COLUMNS
    return large and bool(numpy.isfinite(matrix.sum(dtype=numpy.float64)))


def of_row(row, matrix):
    """Multiply as numpy.dot does.

    Args:
        row: float32 [1, length].
        matrix: float32 [length, columns], all finite.

    Returns:
        float32 [1, columns].
    """
    if numpy.count_nonzero(row) > MOST * row.size:
        return numpy.dot(row, matrix)
    result = numpy.zeros((1, matrix.shape[1]), numpy.float32)
    counting = row[0].nonzero()[0]
    step = max(1, GATHERED // matrix.shape[1])
    for start in range(0, len(counting), step):
        some = counting[start : start + step]
        result += numpy.dot(row[:, some], matrix[some])
    return result
