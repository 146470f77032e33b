// Go's net/http, for comparison: the two routes of the side-by-side runs, on one processor.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"runtime"
)

type message struct {
	Message string `json:"message"`
}

func plaintext(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	w.Write([]byte("Hello, World!"))
}

func serialise(w http.ResponseWriter, _ *http.Request) {
	content, err := json.Marshal(message{"Hello, World!"})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(content)
}

func main() {
	port := flag.String("port", "", "port to listen on, at 127.0.0.1")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	http.HandleFunc("/plaintext", plaintext)
	http.HandleFunc("/json", serialise)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+*port, nil))
}
