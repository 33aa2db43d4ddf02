import random
import time

import pytest

from shared.safety.masking import kinds, mask

KEY = "sk-" + "a1B2" * 8
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxIn0" + ".c2lnbmF0dXJl"
SAMPLES: dict[str, list[str]] = {
    "email": [
        "ana.b+c@ex-ample.co.uk",
        "foo (at) bar.com",
        "foo[at]bar.org",
        "почта@пример.рф",
        "ana＠example.com",
    ],
    "phone": [
        "+49 151 2345 6789",
        "+49 (0) 151 2345 6789",
        "+1-202-555-0175",
        "0044 20 7946 0958",
        "(212) 555-0123",
        "212-555-0123",
        "06 12 34 56 78",
        "612 345 678",
        "347 123 4567",
        "(11) 91234-5678",
        "8 (912) 345-67-89",
        "13812345678",
        "138 1234 5678",
        "090-1234-5678",
        "010-1234-5678",
        "+966 50 123 4567",
        "٠٥٠ ١٢٣ ٤٥٦٧",
        "98765 43210",
        "9876543210",
        "०९८ ७६५ ४३२१",
    ],
    "card": ["4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005", "5555555555554444"],
    "iban": ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "FR14 2004 1010 0505 0001 3M02 606"],
    "ip": ["192.168.0.17", "2001:db8::8a2e:370:7334", "fe80::1ff:fe23:4567:890a"],
    "key": [
        KEY,
        "AIza" + "SyA1234567890abcdefghijklmnopqrstu",
        "ghp_" + "a" * 36,
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "xoxb-" + "1234567890-abc",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    ],
    "token": [JWT, "Bearer abcdef0123456789abcdef"],
}
FLAT = [(kind, sample) for kind, samples in SAMPLES.items() for sample in samples]
AROUND = ["{}", "Here: {}, thanks.", "Это {} и всё", "这是{}谢谢", "({})", "هذا {} هنا", "「{}」", "x\n{}\ny"]
HARMLESS = [
    "2024-01-15 and 12/05/2024 and 15.01.2024",
    "01.02.2024, 01/02/2024 or 05-06-2023",
    "pi is 3.14159265358979",
    "1234567 + 7654321 = 8888888",
    "123 456 789 + 987 654 321",
    "there are 100 000 000 people, 1 000 000 000 cells",
    "5^10 = 9765625; 12345*6789",
    "10:30:45 to 12:00:00, ratio 1:2:3",
    "1914-1918, 1939-1945",
    "at 1700000000 seconds",
    "x = 1234567890123456",
    "550e8400-e29b-41d4-a716-446655440000",
    "ISBN 978-3-16-148410-0",
    "a::b and std::vector<int>",
    "meet me at home (at 5)",
    "2, 4, 6, 8, 10, 12, 14, 16, 18, 20",
    "0.1 0.25 0.333",
    "a task-force of risk-takers",
    "section 4.2.1.",
]


# In a text without spaces no rule tells where these two addresses end.
ENDLESS = {("foo (at) bar.com", "这是{}谢谢"), ("почта@пример.рф", "这是{}谢谢")}


@pytest.mark.parametrize(
    ("kind", "sample", "around"),
    [(kind, sample, around) for kind, sample in FLAT for around in AROUND if (sample, around) not in ENDLESS],
)
def test_each_kind_is_masked_wherever_it_stands(kind: str, sample: str, around: str) -> None:
    text = around.format(sample)
    masked = mask(text)
    assert f"[{kind}]" in masked
    for part in sample.replace("Bearer ", "").split("@"):
        assert part not in masked
    assert kind in kinds(text)


def test_t49_every_kind_in_one_message_is_masked() -> None:
    rng = random.Random(7)
    for _ in range(200):
        chosen = [(kind, rng.choice(samples)) for kind, samples in SAMPLES.items()]
        rng.shuffle(chosen)
        text = "Hello, " + "; then ".join(sample for _, sample in chosen) + ", bye"
        masked = mask(text)
        assert {kind for kind, _ in chosen} == set(kinds(text)), text
        assert [found for found in masked.replace("Bearer ", "").split() if any(c.isdigit() for c in found)] == [], (
            masked
        )


def test_t49_several_of_one_kind_are_all_masked() -> None:
    assert mask("a@b.de b@c.de c@d.de") == "[email] [email] [email]"
    assert mask("+1-202-555-0175, +1-202-555-0176") == "[phone], [phone]"


@pytest.mark.parametrize("text", HARMLESS)
def test_the_numbers_of_a_lesson_stay(text: str) -> None:
    assert mask(text) == text
    assert kinds(text) == ()


def test_checksums_decide() -> None:
    assert mask("card 4111 1111 1111 1112") == "card 4111 1111 1111 1112"
    assert "[iban]" not in mask("DE88 3704 0044 0532 0130 00")
    assert mask("address 256.1.1.1") == "address 256.1.1.1"


def test_a_short_number_is_masked_when_it_is_said_to_be_one() -> None:
    assert mask("tel: 555 1234") == "tel: [phone]"
    assert mask("电话：5551234") == "电话：[phone]"
    assert mask("the answer is 555 1234") == "the answer is 555 1234"


def test_masking_twice_changes_nothing() -> None:
    text = " ".join(sample for _, sample in FLAT)
    assert mask(mask(text)) == mask(text)
    assert kinds(mask(text)) == ()


@pytest.mark.parametrize(
    "piece",
    ["1 ", "a", "1", "0:", "a.b-c@", "eyJa.", "AAAA ", "A1B2 ", "+1(2)", "-----BEGIN PRIVATE KEY-----", "at )", "tel "],
)
def test_a_hostile_text_costs_time_in_proportion(piece: str) -> None:
    begun = time.process_time()
    mask("x@y " + piece * (40_000 // len(piece)))
    assert time.process_time() - begun < 2.0
