#!/bin/sh
# Run in the root folder that becomes the machine: builds Linux's own simulated GPIO chip (gpio-sim), which Debian's
# kernel leaves out, so that lgpio drives a real /dev/gpiochip0. What it takes to build is removed again.
set -eu
export DEBIAN_FRONTEND=noninteractive
kernel=$(basename /lib/modules/*)
source=linux-source-$(echo "$kernel" | cut -d . -f 1-2)
apt-get install --yes --quiet --no-install-recommends "linux-headers-$kernel" gcc make bzip2 xz-utils
cd "$(mktemp -d)"
apt-get download "$source"
dpkg-deb --fsys-tarfile "$source"_*.deb | tar --extract --to-stdout "./usr/src/$source.tar.xz" | xz -dc |
    tar --extract --strip-components=3 --no-anchored gpio-sim.c gpiolib.h irq_sim.c
# The kernel does not hand this one out to modules; the other does the same with the number.
sed -i 's/handle_simple_irq(irq_to_desc(irqnum))/generic_handle_irq_safe(irqnum)/' irq_sim.c
printf 'obj-m := pins.o\npins-y := gpio-sim.o irq_sim.o\n' >Makefile
make -C "/lib/modules/$kernel/build" M="$PWD" modules
install -D -m 644 pins.ko "/lib/modules/$kernel/updates/pins.ko"
depmod "$kernel"
apt-get purge --yes --quiet --auto-remove "linux-headers-$kernel" gcc make bzip2
apt-get clean
rm -r "$PWD"
