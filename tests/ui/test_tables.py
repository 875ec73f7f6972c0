from __future__ import annotations

from tutor.ui.tables import fitted, is_header, is_row

WIDE = """\
GROUP                         TOPIC                  PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
kt-1-d69819cb-payment-service kt-1-d69819cb-payments 0          100             100             0               -               -               -
kt-1-d69819cb-payment-service kt-1-d69819cb-payments 1          100             120             20              -               -               -
""".splitlines()


def test_a_header_is_told_from_prose() -> None:
    assert is_header(WIDE[0]) and is_header("GROUP  COORDINATOR (ID)  ASSIGNMENT-STRATEGY  STATE  #MEMBERS")
    assert not is_header("Consumer group 'x' has no active members.") and not is_header("OK DONE")
    assert is_row(WIDE[1], WIDE[0]) and not is_row("one two", WIDE[0])


def test_a_wide_table_fits_with_what_is_the_same_told_once() -> None:
    assert fitted(WIDE, 76) == [
        "(GROUP kt-1-d69819cb-payment-service · TOPIC kt-1-d69819cb-payments · "
        "no CONSUMER-ID, HOST, CLIENT-ID in every row)",
        "PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG",
        "0          100             100             0",
        "1          100             120             20",
    ]


def test_a_table_that_fits_is_left_alone() -> None:
    assert fitted(WIDE, 200) == WIDE


def test_numbers_stay_in_their_columns_in_a_single_row() -> None:
    assert fitted(WIDE[:2], 76)[1:] == [
        "PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG",
        "0          100             100             0",
    ]


def test_a_table_of_one_row_without_numbers_is_left_alone() -> None:
    table = ["GROUP TOPIC STATE HOST", f"{'g' * 40} {'t' * 40} Stable -"]
    assert fitted(table, 76) == table


def test_a_header_alone_is_left_alone() -> None:
    assert fitted(WIDE[:1], 20) == WIDE[:1]
    assert fitted([], 20) == []
