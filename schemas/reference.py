"""Reference: what a person reads out on the telephone, e.g. ``DN-7K3F-9QX2-M4T8``.

Derived from the case id, so that every retry and every process says the same one. Eleven characters of Crockford's
base 32 (55 bits: at a million cases a clash has odds of about 1 in 70,000) and a check character (Luhn mod 32),
which finds every mistyped character and nearly every swap.
"""

from uuid import UUID

from stdnum import luhn

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", " ": None, "-": None})
_LENGTH = 11
_SHIFTS = range(0, 5 * _LENGTH, 5)
_DOUBLED = [sum(divmod(2 * digit, len(ALPHABET))) for digit in range(len(ALPHABET))]


def reference_of(code: str, case_id: UUID) -> str:
    """The reference of a case in the municipality with this code."""
    number = case_id.int >> 64 & (1 << 5 * _LENGTH) - 1
    digits = [number >> shift & 31 for shift in _SHIFTS]
    # Luhn: of the body's characters every second one counts doubled, the last one among them.
    check = -(sum(digits[1::2]) + sum([_DOUBLED[digit] for digit in digits[::2]])) & 31
    text = "".join([ALPHABET[digit] for digit in digits]) + ALPHABET[check]
    return f"{code}-{text[:4]}-{text[4:8]}-{text[8:]}"


def normalized(text: str) -> str:
    """A reference as it was given out, from what a person typed."""
    head, _, rest = text.strip().upper().partition("-")
    body = rest.translate(_READ_AS)
    return "-".join((head, body[:4], body[4:8], body[8:]))


def is_reference(text: str) -> bool:
    """Whether the check character fits; capitals, blanks, dashes and the letters O, I, L, U are forgiven."""
    head, _, rest = text.strip().upper().partition("-")
    body = rest.translate(_READ_AS)
    return (
        head.isalpha()
        and len(body) == _LENGTH + 1
        and set(body) <= set(ALPHABET)
        and bool(luhn.is_valid(body, ALPHABET))
    )
