"""Letters of three by five pixels, to label the bars of a chart without a font."""

import numpy

# Rows from the top, an octal digit each: 4 is the left pixel, 2 the middle, 1 the right.
ROWS = {
    "0": "75557", "1": "26227", "2": "71747", "3": "71717", "4": "55711",
    "5": "74717", "6": "74757", "7": "71122", "8": "75757", "9": "75717",
    "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647",
    "F": "74644", "G": "34553", "H": "55755", "I": "72227", "J": "11152",
    "K": "55655", "L": "44447", "M": "57755", "N": "65555", "O": "25552",
    "P": "65644", "Q": "25563", "R": "65655", "S": "34216", "T": "72222",
    "U": "55557", "V": "55552", "W": "55775", "X": "55255", "Y": "55222",
    "Z": "71247", "-": "00700", "_": "00007", ".": "00002", " ": "00000",
}  # fmt: skip

# For what is not in the table.
UNKNOWN = "75257"


def pixels(text):
    """Return `text` as bool [5, width], rows top first, a pixel's gap between letters."""
    letters = [_letter(ROWS.get(character.upper(), UNKNOWN)) for character in text]
    gap = numpy.zeros((5, 1), bool)
    spaced = [part for letter in letters for part in (letter, gap)]
    return numpy.concatenate(spaced[:-1], axis=1) if spaced else numpy.zeros((5, 0), bool)


def _letter(rows):
    return numpy.array([[int(row) & bit != 0 for bit in (4, 2, 1)] for row in rows])
