// Package tshark has Wireshark's own dissectors read the captures that
// `./build.sh run LAB -pcap FILE` writes.
//
// Of Kafka, tshark and protocols/kafka/dissect read the same bytes, and must
// find the same fields with the same values at the same places. tshark 4.0
// knows Kafka as of its version 2.5, and our clients and brokers speak newer
// versions of most APIs; so it is given, besides the labs' captures, every
// version of every message that both know, a talk of our clients in old
// versions, and what was said in the labs in old versions. Where it is wrong
// itself stands in kafka_limits_test.go.
package tshark
