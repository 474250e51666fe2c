"""Displays of pixels on SPI and I2C: ST7789, ILI9341, SSD1306. The wires are luma.core's, what goes over them is ours.

luma's own display classes send whole pictures: its ST7789 three bytes for every pixel of every frame, its SSD1306 all
pages, dot by dot in Python. What changed when a digit was typed is a twentieth of that.
"""
