package kafkaclient

import (
	"math"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"grapevine/protocols/kafka/client"
)

// Driver is our client on sockets, to be used from many goroutines.
type Driver struct {
	mu     sync.Mutex
	client *client.Client
	began  time.Time
	lines  map[client.Conn]*line
	timer  *time.Timer
	// drain takes the events of producers and consumers; it is called with the
	// lock held, after each change.
	drain func(now int64)
	over  bool
}

// line is a socket and what is to be written to it.
type line struct {
	socket net.Conn
	mu     sync.Mutex
	more   *sync.Cond
	bytes  []byte
	closed bool
}

// NewDriver returns a client of the brokers at these addresses.
func NewDriver(addrs []string, change func(*client.Config)) *Driver {
	config := client.Config{Rand: rand.Uint64, Wall: func(int64) int64 { return time.Now().UnixMilli() }}
	for _, a := range addrs {
		host, port, _ := strings.Cut(a, ":")
		n, _ := strconv.Atoi(port)
		config.Bootstrap = append(config.Bootstrap, client.Address{Host: host, Port: int32(n)})
	}
	if change != nil {
		change(&config)
	}
	d := &Driver{client: client.New(config), began: time.Now(), lines: map[client.Conn]*line{}}
	d.timer = time.AfterFunc(time.Hour, func() { d.Do(func(now int64) { d.client.Tick(now) }) })
	return d
}

// Do changes the machine, and then drains it.
func (d *Driver) Do(change func(now int64)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return
	}
	now := time.Since(d.began).Microseconds()
	change(now)
	for {
		for e, ok := d.client.Poll(); ok; e, ok = d.client.Poll() {
			d.act(e)
		}
		if d.drain != nil {
			d.drain(now)
		}
		e, ok := d.client.Poll()
		if !ok {
			break
		}
		d.act(e)
	}
	if at := d.client.Deadline(); at == math.MaxInt64 {
		d.timer.Stop()
	} else {
		d.timer.Reset(max(0, time.Duration(at-now)*time.Microsecond))
	}
}

func (d *Driver) act(e client.Event) {
	switch e.Kind {
	case client.Dial:
		l := &line{}
		l.more = sync.NewCond(&l.mu)
		d.lines[e.Conn] = l
		go d.run(e, l)
	case client.Send:
		if l, b := d.lines[e.Conn], d.client.Output(e.Conn); l != nil {
			l.mu.Lock()
			l.bytes = append(l.bytes, b...)
			l.more.Signal()
			l.mu.Unlock()
		}
	case client.Hangup:
		if l := d.lines[e.Conn]; l != nil {
			l.close()
		}
		delete(d.lines, e.Conn)
	}
}

// run is a connection's life.
func (d *Driver) run(e client.Event, l *line) {
	socket, err := net.DialTimeout("tcp", net.JoinHostPort(e.Host, strconv.Itoa(int(e.Port))), 5*time.Second)
	if err != nil {
		d.Do(func(now int64) { d.client.Closed(now, e.Conn) })
		return
	}
	l.mu.Lock()
	l.socket = socket
	if l.closed {
		socket.Close()
	}
	l.mu.Unlock()
	d.Do(func(now int64) { d.client.Opened(now, e.Conn) })
	go l.write()
	buf := make([]byte, 1<<16)
	for {
		n, err := socket.Read(buf)
		if n > 0 {
			d.Do(func(now int64) { d.client.Receive(now, e.Conn, buf[:n]) })
		}
		if err != nil {
			l.close()
			d.Do(func(now int64) { d.client.Closed(now, e.Conn) })
			return
		}
	}
}

func (l *line) write() {
	var b []byte
	for {
		l.mu.Lock()
		for len(l.bytes) == 0 && !l.closed {
			l.more.Wait()
		}
		b, l.bytes = l.bytes, b[:0]
		closed := l.closed
		l.mu.Unlock()
		if closed {
			return
		}
		if _, err := l.socket.Write(b); err != nil {
			return
		}
	}
}

func (l *line) close() {
	l.mu.Lock()
	l.closed = true
	if l.socket != nil {
		l.socket.Close()
	}
	l.more.Broadcast()
	l.mu.Unlock()
}

// Close ends all connections.
func (d *Driver) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	d.timer.Stop()
	for _, l := range d.lines {
		l.close()
	}
}
