package rpc

import "grapevine/protocols/field"

func dissectHTTP2(said []byte) []field.Field {
	if len(said) == 0 {
		return nil
	}
	return []field.Field{{Name: "HTTP/2", Length: len(said)}}
}
