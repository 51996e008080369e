"""Programs for ten problems of CodeContests' test split, by their place in it, each with the change that makes it wrong."""

SOLUTIONS = {
    11: (
        """
from bisect import bisect_left
input()
kept = [(place - a, a) for place, a in enumerate(map(int, input().split()), 1) if a <= place]
ends = []
for _, a in sorted(kept):
    place = bisect_left(ends, a)
    ends[place : place + 1] = [a]
print(len(ends))
""",
        ("if a <= place", ""),
    ),
    45: (
        """
for _ in range(int(input())):
    input()
    days = input().split()
    height, dry, before = 1, 0, "0"
    for day in days:
        if day == "1":
            height += 5 if before == "1" else 1
            dry = 0
        else:
            dry += 1
        if dry == 2:
            height = -1
            break
        before = day
    print(height)
""",
        ("height += 5", "height += 4"),
    ),
    50: (
        """
MOD = 998244353
input()
ways, stack, total, sign = 1, [], 0, 1
for a in map(int, input().split()):
    weight = sign * ways
    while stack and stack[-1][0] >= a:
        bound, kept = stack.pop()
        total -= bound * kept
        weight += kept
    weight %= MOD
    stack.append((a, weight))
    total = (total + a * weight) % MOD
    ways = sign * total % MOD
    sign = -sign
print(ways)
""",
        ("sign = -sign", "pass"),
    ),
    51: (
        """
for _ in range(int(input())):
    n = int(input())
    print(1 - n, n)
""",
        ("1 - n", "2 - n"),
    ),
    52: (
        """
MOD = 10**9 + 7
for _ in range(int(input())):
    n, k = map(int, input().split())
    print(sum(pow(n, place, MOD) for place in range(k.bit_length()) if k >> place & 1) % MOD)
""",
        ("k >> place & 1", "k >> place"),
    ),
    57: (
        """
for _ in range(int(input())):
    s, n, k = map(int, input().split())
    # Without a segment of k, prefix sums modulo 2k stay in one half: s + 1 of them hold n + 1 in blocks of k of every 2k.
    room = (s + 1) // (2 * k) * k + min((s + 1) % (2 * k), k)
    print("YES" if s == k or (s > k and room < n + 1) else "NO")
""",
        ("s == k or", "s == k and"),
    ),
    75: (
        """
n = int(input())
a = list(map(int, input().split()))
rising, falling = [1] * n, [1] * n
for place in range(n - 2, -1, -1):
    if a[place] < a[place + 1]:
        rising[place] = rising[place + 1] + 1
for place in range(1, n):
    if a[place] < a[place - 1]:
        falling[place] = falling[place - 1] + 1
left, right, last, alice = 0, n - 1, -1, True
while True:
    first, second = a[left] > last, a[right] > last
    if left == right or not (first and second) or a[left] == a[right]:
        mover = first and min(rising[left], right - left + 1) % 2 or second and min(falling[right], right - left + 1) % 2
        break
    greater = rising[left] if a[left] > a[right] else falling[right]
    if min(greater, right - left + 1) % 2:
        mover = True
        break
    if a[left] > a[right]:
        last, right = a[right], right - 1
    else:
        last, left = a[left], left + 1
    alice = not alice
print("Alice" if bool(mover) == alice else "Bob")
""",
        ("bool(mover) == alice", "bool(mover) != alice"),
    ),
    113: (
        """
for _ in range(int(input())):
    (a, p), (b, q) = (map(int, input().split()) for _ in range(2))
    least = min(p, q)
    p, q = min(p - least, 9), min(q - least, 9)
    first, second = a * 10**p, b * 10**q
    print("<" if first < second else ">" if first > second else "=")
""",
        ('else "="', 'else "<"'),
    ),
    139: (
        """
for _ in range(int(input())):
    s = input()
    half = len(s) // 2
    print("YES" if s[:half] * 2 == s else "NO")
""",
        ("s[:half] * 2 == s", "s[:half] == s[:half]"),
    ),
    140: (
        """
from math import isqrt
def root(n, power):
    guess = round(n ** (1 / power))
    while guess**power > n:
        guess -= 1
    while (guess + 1) ** power <= n:
        guess += 1
    return guess
for _ in range(int(input())):
    n = int(input())
    print(isqrt(n) + root(n, 3) - root(n, 6))
""",
        ("- root(n, 6)", ""),
    ),
}
