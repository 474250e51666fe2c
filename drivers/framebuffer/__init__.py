"""A panel that the kernel drives, on HDMI, DSI or a display overlay, through its framebuffer /dev/fb*."""
