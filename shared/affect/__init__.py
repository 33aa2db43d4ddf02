"""What a learner's words say of how they feel, and when that is a reason to offer something. Text only, never biometric.

`wording` prepares a text, `models` scores it, `phrases` and `urgency` are rules in twelve languages, `reading` puts them together;
`rules` are the interventions as data, `standing` decides with hysteresis which is due, `offers` is what is then said.
`watch` is what a conversation calls. A learner sees what was found and can switch it off; help in a crisis is never switched off.
"""
