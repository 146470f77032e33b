// Finds the route for a method and a path in tables of 10 to 10 000 patterns.

#include "common/api_patterns.hpp"

#include <sake/http/method.hpp>
#include <sake/http/request.hpp>
#include <sake/routing/route_table_builder.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using sake::routing::route_index;
using sake::routing::route_table;
using sake::routing::route_table_builder;

route_table table_of(std::int64_t resources) {
  route_table_builder builder;
  route_index index = 0;
  for (const auto& pattern : sake::bench::api_patterns(static_cast<std::size_t>(resources)))
    if (auto refusal = builder.add("GET", pattern, index++))
      throw std::logic_error(*refusal);
  return builder.build();
}

/// Looks `path` up in a table of `state.range(0)` resources.
void find(benchmark::State& state, std::string_view path, route_table::outcome expected,
          std::size_t parameters) {
  const auto table = table_of(state.range(0));
  sake::http::detail::request_data found;
  for (auto _ : state) {
    found.parameters.clear();
    found.parameter_text.clear();
    const auto match = table.find(sake::http::method::get, "GET", path, found);
    benchmark::DoNotOptimize(match);
    if (match.what != expected || found.parameters.size() != parameters)
      return state.SkipWithError("the wrong route was found");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

constexpr auto found = route_table::outcome::found;
constexpr auto not_found = route_table::outcome::not_found;

void sizes(benchmark::internal::Benchmark* family) {
  family->ArgName("resources")->Arg(3)->Arg(100)->Arg(2'500);
}

BENCHMARK_CAPTURE(find, literal, "/api/resource1", found, 0)->Apply(sizes);
BENCHMARK_CAPTURE(find, one_parameter, "/api/resource1/42", found, 1)->Apply(sizes);
BENCHMARK_CAPTURE(find, two_parameters, "/api/resource1/42/parts/7", found, 2)->Apply(sizes);
BENCHMARK_CAPTURE(find, wildcard, "/api/resource1/42/files/a/b/c.txt", found, 2)->Apply(sizes);
BENCHMARK_CAPTURE(find, percent_encoded, "/api/resource1/caf%C3%A9", found, 1)->Apply(sizes);
BENCHMARK_CAPTURE(find, nothing, "/api/resource1/42/none", not_found, 0)->Apply(sizes);

} // namespace
