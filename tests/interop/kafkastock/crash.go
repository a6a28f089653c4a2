package kafkastock

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// RunThroughCrash keeps a franz-go producer and a group of two at work for as
// long as faults go on. Whatever was acknowledged by all in-sync replicas must
// be read by the group, in spite of all.
func RunThroughCrash(t *testing.T, brokers []string, faults time.Duration) {
	two := "2"
	topic := Topic(t, brokers, 4, int16(len(brokers)), map[string]*string{"min.insync.replicas": &two})
	ctx, stop := context.WithTimeout(context.Background(), faults+2*patience)
	defer stop()
	var mu sync.Mutex
	acked, read := map[string]bool{}, map[string]bool{}

	for range 2 {
		c := client(t, brokers, kgo.ConsumerGroup(topic), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.SessionTimeout(6*time.Second), kgo.HeartbeatInterval(time.Second), kgo.FetchMaxWait(500*time.Millisecond), kgo.RequestTimeoutOverhead(3*time.Second))
		go func() {
			for ctx.Err() == nil {
				f := c.PollFetches(ctx)
				if f.IsClientClosed() {
					return
				}
				f.EachRecord(func(r *kgo.Record) {
					mu.Lock()
					read[string(r.Value)] = true
					mu.Unlock()
				})
			}
		}()
	}
	p := client(t, brokers, kgo.RequiredAcks(kgo.AllISRAcks()), kgo.RequestTimeoutOverhead(3*time.Second), kgo.ProducerLinger(0))
	sent := 0
	for end := time.Now().Add(faults); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		value := fmt.Sprint(sent)
		sent++
		p.Produce(ctx, &kgo.Record{Topic: topic, Value: []byte(value)}, func(_ *kgo.Record, err error) {
			if err == nil {
				mu.Lock()
				acked[value] = true
				mu.Unlock()
			}
		})
	}
	if err := p.Flush(ctx); err != nil {
		t.Fatalf("the producer never came to an end: %v", err)
	}
	missing := func() (all []string) {
		mu.Lock()
		defer mu.Unlock()
		for value := range acked {
			if !read[value] {
				all = append(all, value)
			}
		}
		return all
	}
	Until(t, "the group reads whatever was acknowledged", func() bool { return len(missing()) == 0 })
	if len(acked) < sent*9/10 {
		t.Errorf("only %d of %d records were acknowledged", len(acked), sent)
	}
	t.Logf("%d records sent, %d acknowledged, %d read", sent, len(acked), len(read))
}

// RunKcatThroughCrash does the same with kcat: it writes lines for as long as
// faults go on, and a second one then reads them all.
func RunKcatThroughCrash(t *testing.T, brokers []string, faults time.Duration) {
	at := strings.Join(brokers, ",")
	topic := Topic(t, brokers, 2, int16(len(brokers)), nil)
	ctx, stop := context.WithTimeout(context.Background(), faults+2*patience)
	defer stop()
	write := exec.CommandContext(ctx, "kcat", "-b", at, "-P", "-t", topic, "-X", "acks=all", "-X", "enable.idempotence=true", "-X", "request.timeout.ms=3000", "-X", "socket.timeout.ms=5000")
	in, err := write.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	write.Stderr = t.Output()
	if err := write.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for end := time.Now().Add(faults); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		lines = append(lines, fmt.Sprintf("line-%d", len(lines)))
		fmt.Fprintln(in, lines[len(lines)-1])
	}
	in.Close()
	if err := write.Wait(); err != nil {
		t.Fatalf("kcat -P did not get all lines acknowledged: %v", err)
	}
	got := strings.Fields(kcat(t, "", "-b", at, "-C", "-t", topic, "-o", "beginning", "-e", "-q"))
	slices.Sort(lines)
	if slices.Sort(got); !slices.Equal(got, lines) {
		t.Errorf("%d lines were acknowledged, %d came out", len(lines), len(got))
	}
}
