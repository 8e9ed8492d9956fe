/**
 * What a KV cache is measured with: prose, code, a conversation, another language, numbers. Read one after another, so that later
 * texts are predicted from a cache that is already long.
 */
export const KV_CACHE_TEXTS: readonly string[] = [
  `The lighthouse stood at the end of a road that nobody repaired. Every spring the sea took another piece of it, and every summer the
keeper carried stones from the beach to fill the gap. When he was young he had counted the ships that passed at night and written their
number into a book. Now there were weeks without a single light on the water, and he wrote down the weather instead: wind from the west,
rain before noon, clear after sunset. His daughter asked him once why he still did it. Because a page that is left empty, he said, looks as
if nothing had happened, and something always happens. She laughed, but in the evening she read ten years of weather, page after page,
and found the storm in which she was born. `,
  `def moving_average(values, width):
    """Return the mean of each window of the given width."""
    if width < 1 or width > len(values):
        raise ValueError(f"width is {width}; it must be 1 to {len(values)}")
    total = sum(values[:width])
    means = [total / width]
    for at in range(width, len(values)):
        total += values[at] - values[at - width]
        means.append(total / width)
    return means


class Account:
    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError("not enough money")
        self.balance -= amount
        return self.balance
`,
  `User: My tomato plants have yellow leaves at the bottom. What should I do?
Assistant: Old leaves at the bottom often turn yellow because they get little light. If only those change, remove them. If the yellow
spreads upwards, the plant may lack nitrogen or have too much water. Let the soil dry a little between two waterings, and give some
compost.
User: How often should I water them in July?
Assistant: Deeply, two or three times a week. Water the soil in the morning and keep the leaves dry.
`,
  `Im Winter fährt der Bus nur zweimal am Tag in das Dorf. Wer ihn verpasst, geht zu Fuß durch den Wald oder wartet im Gasthaus, bis jemand
mit dem Auto kommt. Die Wirtin kennt alle Fahrpläne der letzten dreißig Jahre auswendig. `,
  `| year | rainfall (mm) | days of frost |
| 2019 | 612 | 41 |
| 2020 | 588 | 29 |
| 2021 | 701 | 52 |
| 2022 | 455 | 33 |
The sum of 612, 588, 701 and 455 is 2356, so the mean is 589. In 2022 there was 23% less rain than the mean, and in 2021 19% more. Rivers
fell below the lowest mark for 17 days, which had last happened in 1976. `,
];
