// Package tshark has Wireshark's own dissectors read the captures that
// `./build.sh run LAB -pcap FILE` writes.
package tshark
