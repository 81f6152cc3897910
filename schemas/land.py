"""Land: the Länder by the first two digits of the ARS; Land law differs, and a condition may ask for ``land``."""

LAENDER = {
    "01": "SH", "02": "HH", "03": "NI", "04": "HB", "05": "NW", "06": "HE", "07": "RP", "08": "BW",
    "09": "BY", "10": "SL", "11": "BE", "12": "BB", "13": "MV", "14": "SN", "15": "ST", "16": "TH",
}  # fmt: skip
"""The Land's code by the first two digits of the ARS."""
