"""Law: the provisions that the steps of a derivation cite, verified against the federal text of August 2026.

Municipalities apply their Land's Verwaltungsverfahrensgesetz, whose § 31 has the same words or refers to the federal
one (Schleswig-Holstein: § 89 LVwG).
"""

EVENT = "§ 187 Abs. 1 BGB"
DAY_BEGINS = "§ 187 Abs. 2 BGB"
SINGLE_CONTACT = "§ 71b Abs. 2 Satz 1 VwVfG"
DAYS = "§ 188 Abs. 1 BGB"
WEEKS_AND_MONTHS = "§ 188 Abs. 2 BGB"
SHORT_MONTH = "§ 188 Abs. 3 BGB"
HALF_MONTH = "§ 189 BGB"
EXTENSION = "§ 190 BGB"
SUSPENSION = "§ 209 BGB entsprechend"
FREE_DAY = "§ 31 Abs. 3 VwVfG, § 193 BGB"
TAX_FREE_DAY = "§ 108 Abs. 3 AO"
STANDS = "§ 31 Abs. 4 VwVfG"
FIXED = "§ 31 Abs. 3 Satz 2, Abs. 5 VwVfG"
HOURS = "§ 31 Abs. 6 VwVfG"
BACKWARDS = "§§ 187, 188 BGB, rückwärts entsprechend"
INACTION = "§ 75 Satz 2 VwGO"
BENEFIT = "§ 25 Abs. 2 Satz 1 WoGG"
