package bridge

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }

// listen listens on count addresses: the one given, and the ports after it. An
// address "" or a port 0 leaves the ports to the system.
func listen(address string, count int, allowRemote bool) ([]net.Listener, error) {
	host, port, err := place(address, allowRemote)
	if err != nil {
		return nil, err
	}
	var open []net.Listener
	for i := range count {
		at := port
		if port != 0 {
			at += i
		}
		if at > 65535 {
			err = fmt.Errorf("-listen %s: this lab needs %d ports, and they end at 65535", address, count)
		} else {
			var l net.Listener
			if l, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(at))); err == nil {
				open = append(open, l)
				continue
			}
		}
		for _, l := range open {
			l.Close()
		}
		return nil, err
	}
	return open, nil
}

// place reads an address and refuses those that other machines can reach.
func place(address string, allowRemote bool) (host string, port int, err error) {
	if address == "" {
		return "127.0.0.1", 0, nil
	}
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, fmt.Errorf("-listen %s: expected HOST:PORT, for example 127.0.0.1:9092", address)
	}
	number, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("-listen %s: expected a port from 0 to 65535", address)
	}
	if allowRemote {
		return host, int(number), nil
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	// A name could be looked up, and then mean another machine's address.
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return "", 0, fmt.Errorf("-listen %s: other machines could reach that; give an address such as 127.0.0.1:%d, or -allow-remote (see -help)", address, number)
	}
	return host, int(number), nil
}
