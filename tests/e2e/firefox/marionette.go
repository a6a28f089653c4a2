package firefox

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
)

// connection speaks Marionette: requests [0, id, name, params], one at a time,
// answered by [1, id, error, result].
type connection struct {
	in   *bufio.Reader
	out  net.Conn
	next int
}

// maxMessageBytes is more than any screenshot.
const maxMessageBytes = 64 << 20

// greet reads what Firefox says first.
func greet(conn net.Conn) (*connection, error) {
	c := &connection{in: bufio.NewReader(conn), out: conn}
	message, err := c.read()
	if err != nil {
		return nil, err
	}
	var hello struct {
		Protocol int `json:"marionetteProtocol"`
	}
	if err := json.Unmarshal(message, &hello); err != nil || hello.Protocol != 3 {
		return nil, fmt.Errorf("expected version 3 of Marionette, got %s (%v)", message, err)
	}
	return c, nil
}

func (c *connection) read() ([]byte, error) {
	size, err := c.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(size[:len(size)-1])
	if err != nil || n < 0 || n > maxMessageBytes {
		return nil, fmt.Errorf("a message of %q bytes", size)
	}
	message := make([]byte, n)
	_, err = io.ReadFull(c.in, message)
	return message, err
}

func (c *connection) call(name string, params any) (json.RawMessage, error) {
	if params == nil {
		params = struct{}{}
	}
	c.next++
	request, err := json.Marshal([]any{0, c.next, name, params})
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(c.out, "%d:%s", len(request), request); err != nil {
		return nil, err
	}
	message, err := c.read()
	if err != nil {
		return nil, err
	}
	var fault *struct{ Error, Message string }
	var result json.RawMessage
	var kind, id int
	if err := json.Unmarshal(message, &[]any{&kind, &id, &fault, &result}); err != nil {
		return nil, fmt.Errorf("answer %.200s: %w", message, err)
	}
	if fault != nil {
		return nil, fmt.Errorf("%s: %s", fault.Error, fault.Message)
	}
	return result, nil
}
