// Decodes requests: Sake's decoder beside Beast's request_parser on the same octets.

#include "micro/samples.hpp"

#include <sake/http/http1/decoder.hpp>

#include <benchmark/benchmark.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace sake::bench;
namespace beast_http = boost::beast::http;

/// The number of requests that `decoder` takes out of `input`; 0 if it refuses one.
std::size_t decode_all(sake::http::decoder& decoder, std::string_view input) {
  using event = sake::http::decoder::event;
  std::size_t requests = 0;
  while (!input.empty()) {
    const auto step = decoder.next(input);
    input.remove_prefix(step.consumed);
    if (step.what == event::refused || (step.what == event::need_more && step.consumed == 0))
      return 0;
    if (step.what == event::head)
      benchmark::DoNotOptimize(decoder.take_request().method());
    else
      benchmark::DoNotOptimize(step.content.data());
    requests += step.is_last;
  }
  return requests;
}

std::size_t beast_parse_all(std::string_view input) {
  std::size_t requests = 0;
  while (!input.empty()) {
    beast_http::request_parser<beast_http::string_body> parser;
    parser.eager(true);
    boost::beast::error_code failure;
    input.remove_prefix(parser.put(boost::asio::buffer(input), failure));
    if (failure || !parser.is_done())
      return 0;
    benchmark::DoNotOptimize(parser.get().method());
    ++requests;
  }
  return requests;
}

void report(benchmark::State& state, const std::string& input, std::size_t requests) {
  const auto rounds = static_cast<std::int64_t>(state.iterations());
  state.SetItemsProcessed(rounds * static_cast<std::int64_t>(requests));
  state.SetBytesProcessed(rounds * static_cast<std::int64_t>(input.size()));
}

void sake_decoder(benchmark::State& state, const std::string& input, std::size_t requests) {
  const sake::http::limits limits;
  sake::http::decoder decoder{limits};
  for (auto _ : state)
    if (decode_all(decoder, input) != requests)
      return state.SkipWithError("not every request was decoded");
  report(state, input, requests);
}

void beast_parser(benchmark::State& state, const std::string& input, std::size_t requests) {
  for (auto _ : state)
    if (beast_parse_all(input) != requests)
      return state.SkipWithError("not every request was parsed");
  report(state, input, requests);
}

const std::string one_short{short_request};
const std::string sixteen_short = repeated(short_request, 16);
const std::string one_browser{browser_request};
const std::string one_post = post_request(1024);
const std::string one_chunked = chunked_request(256, 4);

BENCHMARK_CAPTURE(sake_decoder, short_request, one_short, 1);
BENCHMARK_CAPTURE(beast_parser, short_request, one_short, 1);
BENCHMARK_CAPTURE(sake_decoder, pipelined_16, sixteen_short, 16);
BENCHMARK_CAPTURE(beast_parser, pipelined_16, sixteen_short, 16);
BENCHMARK_CAPTURE(sake_decoder, browser_request, one_browser, 1);
BENCHMARK_CAPTURE(beast_parser, browser_request, one_browser, 1);
BENCHMARK_CAPTURE(sake_decoder, post_1_kib, one_post, 1);
BENCHMARK_CAPTURE(beast_parser, post_1_kib, one_post, 1);
BENCHMARK_CAPTURE(sake_decoder, chunked_1_kib, one_chunked, 1);
BENCHMARK_CAPTURE(beast_parser, chunked_1_kib, one_chunked, 1);

} // namespace
