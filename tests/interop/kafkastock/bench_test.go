package kafkastock

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

var target = flag.String("target", "", "the broker under test, HOST:PORT")

// BenchmarkStockClient is a record of 100 bytes from franz-go's producer,
// acknowledged by all in-sync replicas, of which there is one: to the broker
// under test, and to kfake, franz-go's own stand-in for Kafka.
//
//	go test ./kafkastock -run - -bench StockClient -target HOST:PORT
func BenchmarkStockClient(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		if *target == "" {
			b.Skip("no -target")
		}
		benchProduce(b, *target)
	})
	b.Run("stock", func(b *testing.B) {
		serve := exec.Command(os.Args[0])
		serve.Env = append(os.Environ(), asKfake+"=1")
		in, _ := serve.StdinPipe() // when it closes, kfake ends
		out, _ := serve.StdoutPipe()
		if err := serve.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { in.Close(); serve.Wait() })
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			b.Fatal(err)
		}
		benchProduce(b, strings.TrimSpace(line))
	})
}

// asKfake has this program be kfake instead of a test: a process of its own, as
// the bridge is.
const asKfake = "GRAPEVINE_KFAKE"

func TestMain(m *testing.M) {
	if os.Getenv(asKfake) == "" {
		os.Exit(m.Run())
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		panic(err)
	}
	fmt.Println(c.ListenAddrs()[0])
	io.Copy(io.Discard, os.Stdin)
	c.Close()
}

func benchProduce(b *testing.B, addr string) {
	topic := fmt.Sprintf("bench-%d", time.Now().UnixNano())
	c, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.DefaultProduceTopic(topic))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if got, err := kadm.NewClient(c).CreateTopic(context.Background(), 1, 1, nil, topic); err != nil || got.Err != nil {
		b.Fatal(err, got.Err)
	}
	value := make([]byte, 100)
	if err := c.ProduceSync(context.Background(), &kgo.Record{Value: value}).FirstErr(); err != nil {
		b.Fatal(err)
	}
	var wait sync.WaitGroup
	b.ResetTimer()
	for range b.N {
		wait.Add(1)
		c.Produce(context.Background(), &kgo.Record{Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
			wait.Done()
		})
	}
	wait.Wait()
}
