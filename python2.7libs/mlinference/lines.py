"""In which order figures on a page are read: line by line from the top, each from the left."""

# Two figures are on one line where they share this part of the lower one's height.
SHARED_PART = 0.4


def reading_order(boxes):
    """Return the positions of boxes in reading order.

    A figure is compared with its left neighbours only, so that a line may climb or fall.

    Args:
        boxes: [(top, left, bottom, right), ...].
    """
    lines = []
    for number in sorted(range(len(boxes)), key=lambda number: boxes[number][1]):
        shares = [_shared(boxes[line[-1]], boxes[number]) for line in lines]
        if shares and max(shares) >= SHARED_PART:
            lines[shares.index(max(shares))].append(number)
        else:
            lines.append([number])
    lines.sort(key=lambda line: sum(boxes[number][0] + boxes[number][2] for number in line) / len(line))
    return [number for line in lines for number in line]


def _shared(first, second):
    """Return the part of the lower box's height that two boxes have in common."""
    common = min(first[2], second[2]) - max(first[0], second[0])
    return common / float(min(first[2] - first[0], second[2] - second[0]))
