#!/bin/sh
# Renders the tray's icons; needs rsvg-convert (Debian: librsvg2-bin). Run it here after a change of a drawing.
# The colours have a contrast of 3:1 or more on light and on dark panels; macOS paints the templates itself.
set -eu
cd "$(dirname "$0")"
for state in kept risk broken paused offline; do
    rsvg-convert --width 32 --height 32 "$state.svg" --output "$state.png"
    sed 's/#[0-9A-F]\{6\}/#000000/g' "$state.svg" | rsvg-convert --width 44 --height 44 --output "$state.template.png"
done
