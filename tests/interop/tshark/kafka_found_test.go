package tshark

import "fmt"

// found is a record, or the answer to some, as tshark reads it.
type found struct {
	topic             string
	partition, offset int64
	key, value        string
	control           bool
}

// place says where a record is.
func place(topic string, partition, offset int64) string {
	return fmt.Sprintf("%s/%d@%d", topic, partition, offset)
}

// in visits all parts of a message, and says of which topic and partition they
// are, and whether in a batch with a marker.
func (m *message) in(visit func(n *node, at found)) {
	var at found
	m.each(func(n *node) {
		switch n.Name {
		case "kafka.topic_name":
			at.topic = n.Show
		case "kafka.partition_id":
			at.partition = integer(n.Show)
		case "kafka.batch_control_batch":
			at.control = n.Show == "1"
		}
		visit(n, at)
	})
}

// records returns the records of a Produce request or a Fetch response.
func (m *message) records() (list []found) {
	m.in(func(n *node, at found) {
		if n.Show != "Record" {
			return
		}
		at.offset = integer(n.find("kafka.offset"))
		n.each(func(p *node) {
			switch p.Name {
			case "kafka.message_key":
				at.key = p.words()
			case "kafka.message_value":
				at.value = p.words()
			}
		})
		list = append(list, at)
	})
	return list
}

// placed returns where the records are, by value: by the answers to those who
// produced them, and where they are read.
func placed(pairs []*pair) (answered, read map[string]string) {
	answered, read = map[string]string{}, map[string]string{}
	for _, p := range pairs {
		switch {
		case p.api.Name == "Produce" && p.byClient && p.answer != nil:
			base := map[string]int64{}
			refused := false
			p.answer.in(func(n *node, at found) {
				switch n.Name {
				case "kafka.error":
					refused = n.Show != "0"
				case "kafka.offset":
					if !refused {
						base[place(at.topic, at.partition, 0)] = integer(n.Show)
					}
				}
			})
			for _, r := range p.records() {
				if offset, ok := base[place(r.topic, r.partition, 0)]; ok {
					answered[r.value] = place(r.topic, r.partition, offset+r.offset)
				}
			}
		case p.api.Name == "Fetch" && !p.byClient:
			for _, r := range p.records() {
				if !r.control {
					read[r.value] = place(r.topic, r.partition, r.offset)
				}
			}
		}
	}
	return answered, read
}
