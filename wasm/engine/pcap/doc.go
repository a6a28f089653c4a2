// Package pcap writes the packets of a run as a capture file, pcapng, which
// Wireshark and tshark read: `./build.sh run LAB -pcap FILE`.
//
// Every packet is written at the moment when it is sent, those included that
// will be lost, as one capture of all nodes' own. Segments and datagrams
// become TCP and UDP in IPv4 in Ethernet, with the bytes they carry as they
// are, so that what is above them is dissected as from a real network. Packets
// that are neither, as gossip's, become UDP to port 1024 + their kind.
//
// Node 0 is 10.0.0.1, node 1 is 10.0.0.2; the file tells their names.
package pcap
