// RFC 9112 §7.1 for sent content: the library's strict decoder must read it back unchanged.
#include "../support/catch.hpp"
#include "../support/decode.hpp"
#include "../support/peerless_connection.hpp"
#include "../support/wire.hpp"

#include <sake/http/http1/encoder.hpp>
#include <sake/http/http1/http1_protocol.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using namespace sake::http;

namespace {

struct nobody final : response_observer {
  void cancel(int) noexcept override {}
};

// The chunks of a response, decoded as those of a request.
sake::test::decoded read_back(std::string_view chunks) {
  return sake::test::decode_every_way(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{chunks});
}

std::string chunk_of(std::string_view octets) {
  buffer out;
  encode_chunk(out, octets);
  return std::string{out.view()};
}

} // namespace

TEST_CASE("RFC 9112 §7.1: a chunk of any size is read back unchanged", "[http][rfc9112]") {
  const std::size_t size = GENERATE(1, 9, 10, 15, 16, 255, 256, 4095, 4096);
  const std::string octets(size, '\r');
  const auto read = read_back(chunk_of(octets) + "0\r\n\r\n");
  REQUIRE(read.why == nullptr);
  REQUIRE(read.requests.size() == 1);
  CHECK(read.requests[0].is_whole);
  CHECK(read.requests[0].message.content() == octets);
}

TEST_CASE("RFC 9112 §7.1: content written in pieces is read back as one content",
          "[http][rfc9112]") {
  // A piece, and whether the pending output is sent after it.
  struct piece {
    std::string_view octets;
    bool goes_out;
  };
  const auto written = GENERATE(
      std::vector<piece>{}, std::vector<piece>{{"", true}, {"", false}},
      std::vector<piece>{{"a", true}, {"", true}, {"bc", false}, {"d", true}},
      std::vector<piece>{{"0\r\n\r\n", true}, {"\r\n0\r\n\r\n", false}, {"GET / HTTP/1.1", false}});
  nobody by;
  sake::test::peerless_connection on;
  (void)on.protocol->receive(sake::test::get("/"));
  on.protocol->begin_response(1, response{}, false, by);
  std::string sent;
  std::string content;
  for (const auto& [octets, goes_out] : written) {
    (void)on.protocol->write(1, octets);
    content += octets;
    if (goes_out)
      sent += on.sent();
  }
  on.protocol->end_response(1);
  sent += on.sent();

  const auto head_end = sent.find("\r\n\r\n") + 4;
  CHECK(sent.substr(0, head_end) == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  const auto read = read_back(std::string_view{sent}.substr(head_end));
  REQUIRE(read.why == nullptr);
  REQUIRE(read.requests.size() == 1);
  CHECK(read.requests[0].is_whole);
  CHECK(read.requests[0].message.content() == content);
  CHECK(read.left == 0);
}

TEST_CASE("RFC 9112 §8: content that was cut short is read as incomplete", "[http][rfc9112]") {
  nobody by;
  sake::test::peerless_connection on;
  (void)on.protocol->receive(sake::test::get("/"));
  on.protocol->begin_response(1, response{}, false, by);
  (void)on.protocol->write(1, "abc");
  auto sent = on.sent();
  (void)on.protocol->write(1, "def");
  on.protocol->cut_response(1, response{500});
  sent += on.sent();
  CHECK(on.protocol->state().is_over());
  const auto read = read_back(std::string_view{sent}.substr(sent.find("\r\n\r\n") + 4));
  REQUIRE(read.requests.size() == 1);
  CHECK(read.why == nullptr);
  CHECK_FALSE(read.requests[0].is_whole);
}
