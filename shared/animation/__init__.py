"""Animations: a scene as data, checked and bounded, and everything made of it by our own code. No model writes any of it.

scene.py        the whole scene and its rules: things on a stage, steps in time
things.py       what can stand on the stage        actions.py   what can be done to it
values.py       names, numbers, texts and colours that may stand in a scene
expression.py   a formula in x, read and worked out by us
notation.py     formulas as plain text             lettering.py how wide a text is, and where it breaks
shapes.py       lines, discs and labels            drawing.py   things as shapes   charts.py   axes, tables, bars, braces
stage.py        what is where after each step
compiler.py     a scene as Manim source            still.py     a scene as a picture   captions.py   what is said when
quality.py      what can be said of a scene without seeing it
rendering/      the source as a video, where Manim is
"""
