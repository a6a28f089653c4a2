// Package kafkaclient holds protocols/kafka/client against others: against
// franz-go's stand-in for a broker, kfake, over TCP, with records written by
// one client and read by the other.
//
// A machine needs no socket, but kfake does: Driver gives a Client some.
package kafkaclient
