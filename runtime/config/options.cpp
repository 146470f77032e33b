#include "options.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>

namespace sake {

namespace {

// -- one row -------------------------------------------------------------------------

template <class Object>
Object& follow(Object& object) {
  return object;
}

template <class Object, class First, class... Rest>
auto& follow(Object& object, First first, Rest... rest) {
  return follow(object.*first, rest...);
}

template <class Value>
std::int64_t to_number(const Value& value) {
  if constexpr (std::is_same_v<Value, std::chrono::milliseconds>)
    return value.count();
  else if constexpr (std::is_enum_v<Value>)
    return static_cast<std::int64_t>(value);
  else if constexpr (std::is_integral_v<Value>)
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, option::unbounded));
  else
    return 0;
}

template <class Value>
std::span<const std::string_view> words_of(const Value& value) {
  if constexpr (std::is_enum_v<Value>)
    return option_text::words_of(value);
  else
    return {};
}

// Fits every clock, and is longer than any useful wait.
constexpr std::chrono::milliseconds longest_time = std::chrono::hours{24 * 365};

/// The range of an option, and whether a running engine applies a new value.
struct range {
  std::int64_t least = 0;
  std::int64_t most = option::unbounded;
  bool is_live = false;
};

/// `limits` for values that are one of `words`, or times.
template <option_type Type>
range limit(range allowed, std::span<const std::string_view> words) {
  if (Type == option_type::word)
    allowed.most = static_cast<std::int64_t>(words.size()) - 1;
  if (Type == option_type::duration)
    allowed.most = std::min(allowed.most, longest_time.count());
  return allowed;
}

/// The option at the end of the member pointers `Path`, which start from `Root`.
template <class Root, option_type Type, auto... Path>
option row_of(std::string_view name, std::string_view help, range allowed) {
  const config_values none;
  const auto words = words_of(follow(Root::of(none, {}), Path...));
  allowed = limit<Type>(allowed, words);
  return {.name = std::string{name},
          .pool = {},
          .group = {},
          .help = help,
          .type = Type,
          .words = words,
          .is_live = allowed.is_live,
          .least = allowed.least,
          .most = allowed.most,
          .shower =
              [](const config_values& from, std::string_view pool) {
                return option_text::show<Type>(follow(Root::of(from, pool), Path...));
              },
          .reader =
              [](config_values& to, std::string_view pool, std::string_view text) {
                return option_text::read<Type>(text, follow(Root::of(to, pool), Path...));
              },
          .counter =
              [](const config_values& from, std::string_view pool) {
                return to_number(follow(Root::of(from, pool), Path...));
              }};
}

struct whole_config {
  static auto& of(auto& options, std::string_view) { return options; }
};

template <option_type Type, auto... Path>
option row(std::string_view name, std::string_view help, range allowed = {}) {
  return row_of<whole_config, Type, Path...>(name, help, allowed);
}

constexpr std::int64_t max_threads = actors::max_threads;
constexpr std::int64_t max_nice = 19;

// The placeholder for the pool name in the names of pool options.
constexpr std::string_view pools = "pools.";
constexpr std::string_view any_pool = "pools.NAME.";

// -- the table ------------------------------------------------------------------------

namespace option_rows {

using v = config_values;
using s = http::settings;
using l = http::limits;
using d = http::deadlines;
using a = actors::adaptive_settings;
using e = actors::executor_settings;
using p = pool_settings;
using g = log_settings;
using u = unix_permissions;
using n = node_settings;
using type = option_type;

std::vector<option> where() {
  return {row<type::text, &v::address>(
      "address", "where to listen: host:port, :port, [v6]:port, port, unix:/path or systemd:NAME")};
}

std::vector<option> unix_socket() {
  return {
      row<type::text, &v::unix_socket, &u::mode>("unix_socket.mode",
                                                 "its mode, in octal; empty: by umask"),
      row<type::text, &v::unix_socket, &u::owner>("unix_socket.owner",
                                                  "its user:group; empty: those of the process"),
  };
}

std::vector<option> threads() {
  return {
      row<type::number, &v::reactors>("reactors", "threads that serve connections; 0: one per core",
                                      {.most = max_threads}),
      row<type::cores, &v::reactor_cores>("reactor_cores",
                                          "cores that reactors may run on; empty: all"),
      row<type::boolean, &v::reactor_pinning>("reactor_pinning",
                                              "each reactor stays on one of its cores"),
      row<type::number, &v::executors, &e::pool, &p::workers>(
          "workers", "threads for CPU work; 0: one per core",
          {.most = max_threads, .is_live = true}),
      row<type::boolean, &v::executors, &e::has_pools>("worker_pool",
                                                       "off: .worker() routes run on the reactors"),
      row<type::number, &v::executors, &e::pool, &p::max_queued>(
          "worker_max_queued", "tasks that may wait for a worker"),
      row<type::cores, &v::executors, &e::pool, &p::cores>(
          "worker_cores", "cores that workers may run on; empty: all"),
      row<type::boolean, &v::executors, &e::pool, &p::pinned>(
          "worker_pinning", "each worker stays on one of its cores"),
      row<type::word, &v::executors, &e::pool, &p::scheduling>("worker_scheduling",
                                                               "scheduling class of the workers"),
      row<type::number, &v::executors, &e::pool, &p::nice>(
          "worker_nice", "added to the nice value; not for the class idle", {.most = max_nice}),
      row<type::boolean, &v::adaptive, &a::enabled>(
          "adaptive", "routes that hold up their reactor move to the pool"),
      row<type::duration, &v::adaptive, &a::threshold>(
          "blocking_threshold", "a handler that takes as long holds up its reactor", {.least = 1}),
      row<type::duration, &v::adaptive, &a::window>(
          "adaptive_window", "the time within which three such handlers move a route",
          {.least = 1}),
      row<type::word, &v::scheduler_policy>("scheduler_policy",
                                            "how threads of CAF's scheduler share work"),
      row<type::number, &v::scheduler_threads>("scheduler_threads", "threads of CAF's scheduler",
                                               {.least = 1, .most = max_threads}),
      row<type::number, &v::scheduler_throughput>("scheduler_throughput",
                                                  "messages that an actor handles there at a time",
                                                  {.least = 1, .most = 1'000'000}),
  };
}

/// The settings of one named pool.
struct one_pool {
  static auto find(auto& among, std::string_view name) {
    return std::find_if(among.begin(), among.end(),
                        [name](const named_pool& each) { return each.name == name; });
  }

  static const pool_settings& of(const config_values& values, std::string_view pool) {
    static const pool_settings usual;
    const auto found = find(values.executors.named_pools, pool);
    return found == values.executors.named_pools.end() ? usual : found->settings;
  }

  static pool_settings& of(config_values& values, std::string_view pool) {
    if (find(values.executors.named_pools, pool) == values.executors.named_pools.end())
      values.set_pool(std::string{pool}, {});
    return find(values.executors.named_pools, pool)->settings;
  }
};

template <option_type Type, auto Member>
option pool_row(std::string_view name, std::string_view help, range allowed = {}) {
  return row_of<one_pool, Type, Member>(name, help, allowed);
}

std::vector<option> pool() {
  return {
      pool_row<type::number, &p::workers>("pools.NAME.workers", "threads of the pool",
                                          {.least = 1, .most = max_threads, .is_live = true}),
      pool_row<type::number, &p::max_queued>("pools.NAME.max_queued",
                                             "tasks that may wait for them"),
      pool_row<type::cores, &p::cores>("pools.NAME.cores",
                                       "cores that they may run on; empty: all"),
      pool_row<type::boolean, &p::pinned>("pools.NAME.pinned", "each stays on one of these cores"),
      pool_row<type::word, &p::scheduling>("pools.NAME.scheduling", "their scheduling class"),
      pool_row<type::number, &p::nice>(
          "pools.NAME.nice", "added to their nice value, unless they are idle", {.most = max_nice}),
  };
}

std::vector<option> connections() {
  return {
      row<type::number, &v::max_connections>("max_connections", "open connections; past it 503",
                                             {.least = 1}),
      row<type::boolean, &v::connections, &s::keep_alive>("keep_alive", "connections persist"),
      row<type::boolean, &v::connections, &s::half_closed_clients>(
          "half_closed_clients", "clients that send no more still get their answers"),
      row<type::number, &v::connections, &s::max_requests_per_connection>(
          "max_requests_per_connection", "requests after which one closes; 0: no limit"),
  };
}

std::vector<option> rest() {
  return {
      row<type::duration, &v::drain_deadline>("drain_deadline",
                                              "at shutdown, for requests in flight"),
      row<type::text, &v::server_name>("server_name", "Server field of responses; empty: none"),
      row<type::boolean, &v::signals>("signals", "end on SIGTERM and SIGINT"),
  };
}

std::vector<option> limits() {
  return {
      row<type::size, &v::connections, &s::limits, &l::request_line_bytes>(
          "limits.request_line_bytes", "request line; past it 414", {.least = 64}),
      row<type::size, &v::connections, &s::limits, &l::field_section_bytes>(
          "limits.field_section_bytes", "field section; past it 431", {.least = 64}),
      row<type::number, &v::connections, &s::limits, &l::field_count>(
          "limits.field_count", "field lines; past it 431", {.least = 1}),
      row<type::size, &v::connections, &s::limits, &l::content_bytes>("limits.content_bytes",
                                                                      "content; past it 413"),
      row<type::size, &v::connections, &s::limits, &l::chunk_line_bytes>(
          "limits.chunk_line_bytes", "line that starts a chunk; past it 400", {.least = 18}),
      row<type::size, &v::connections, &s::limits, &l::buffered_content_bytes>(
          "limits.buffered_content_bytes", "content that is not received as a stream",
          {.least = 1}),
      row<type::number, &v::connections, &s::limits, &l::pipelined_requests>(
          "limits.pipelined_requests", "requests of one connection that wait for their response",
          {.least = 1}),
      row<type::size, &v::connections, &s::limits, &l::ready_response_bytes>(
          "limits.ready_response_bytes", "responses that are ready, past which no request is begun",
          {.least = 1}),
  };
}

std::vector<option> deadlines() {
  return {
      row<type::duration, &v::connections, &s::deadlines, &d::head>(
          "deadlines.head", "for the head of a request: 408"),
      row<type::duration, &v::connections, &s::deadlines, &d::content>("deadlines.content",
                                                                       "for its content: 408"),
      row<type::size, &v::connections, &s::deadlines, &d::content_bytes_per_second>(
          "deadlines.content_bytes_per_second", "octets that add a second to it"),
      row<type::duration, &v::connections, &s::deadlines, &d::idle>(
          "deadlines.idle", "between requests of a connection"),
      row<type::duration, &v::connections, &s::deadlines, &d::write>(
          "deadlines.write", "for the peer to take what was sent to it"),
      row<type::size, &v::connections, &s::deadlines, &d::write_bytes_per_second>(
          "deadlines.write_bytes_per_second", "octets of a second that it has to take"),
      row<type::duration, &v::connections, &s::deadlines, &d::request>(
          "deadlines.request", "from the end of a request to its response: 504"),
  };
}

std::vector<option> log() {
  return {
      row<type::word, &v::log, &g::level>("log.level", "lines below are left out",
                                          {.is_live = true}),
      row<type::word, &v::log, &g::format>("log.format", "how a line is written"),
      row<type::text, &v::log, &g::sink>("log.sink", "stderr, stdout, or the path of a file"),
  };
}

std::vector<option> node() {
  return {
      row<type::text, &v::node, &n::name>(
          "node.name", "its name for people; empty: that of the host, and the port of node.listen"),
      row<type::text, &v::node, &n::listen>(
          "node.listen", "where other nodes connect: host:port, [v6]:port; empty: it only dials"),
      row<type::texts, &v::node, &n::join>("node.join", "addresses of other nodes: host:port"),
      row<type::word, &v::node, &n::role>(
          "node.role", "front: takes requests of clients; worker: runs .worker() handlers; both"),
      row<type::text, &v::node, &n::certificate>(
          "node.certificate", "PEM file: its certificate and chain; empty: no TLS, loopback only"),
      row<type::text, &v::node, &n::key>("node.key", "PEM file: the key of its certificate"),
      row<type::text, &v::node, &n::authority>(
          "node.authority", "PEM file: the authorities that sign the certificates of nodes"),
      row<type::texts, &v::node, &n::members>(
          "node.members", "the names of all nodes that there may be; empty: those that were seen"),
      row<type::duration, &v::node, &n::heartbeat>(
          "node.heartbeat", "how often it tells other nodes that it lives", {.least = 10}),
      row<type::duration, &v::node, &n::suspicion>(
          "node.suspicion", "silence after which another node gets no new work"),
      row<type::duration, &v::node, &n::death>("node.death",
                                               "silence after which another node counts as dead"),
      row<type::duration, &v::node, &n::stable>(
          "node.stable", "time after which the keys of a dead node get a new owner"),
      row<type::number, &v::node, &n::credit>(
          "node.credit",
          "requests that one other node may have under way here; 0: 256, or twice the workers"),
  };
}

std::vector<option> all() {
  std::vector<option> table;
  const auto add = [&table](std::string_view group, std::vector<option> rows) {
    for (auto& each : rows)
      each.group = group;
    table.insert(table.end(), rows.begin(), rows.end());
  };
  // Options in tables come last, as TOML requires.
  add("Where", where());
  add("Threads", threads());
  add("Connections", connections());
  add("Shutdown and the rest", rest());
  add("Limits", limits());
  add("Deadlines (0s switches one off)", deadlines());
  add("Unix socket", unix_socket());
  add("Log", log());
  add("Nodes", node());
  return table;
}

} // namespace option_rows

const std::vector<option>& fixed_options() {
  static const std::vector<option> table = option_rows::all();
  return table;
}

std::vector<option> options_of_pool(std::string_view pool) {
  static const std::vector<option> pattern = option_rows::pool();
  auto rows = pattern;
  for (auto& each : rows) {
    each.name.replace(pools.size(), any_pool.size() - pools.size() - 1, pool);
    each.pool = pool;
    each.group = "Pools";
  }
  return rows;
}

} // namespace

std::vector<option> options_of(const config_values& with_its_pools) {
  auto table = fixed_options();
  for (const auto& each : with_its_pools.executors.named_pools) {
    const auto rows = options_of_pool(each.name);
    table.insert(table.end(), rows.begin(), rows.end());
  }
  return table;
}

std::optional<option> find_option(std::string_view name) {
  const auto find = [name](const std::vector<option>& table) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [name](const option& each) { return each.name == name; });
    return found == table.end() ? std::nullopt : std::optional{*found};
  };
  const auto last = name.rfind('.');
  if (!name.starts_with(pools) || last < pools.size())
    return find(fixed_options());
  return find(options_of_pool(name.substr(pools.size(), last - pools.size())));
}

bool is_table(std::string_view name) {
  if (name.starts_with(pools))
    return name.find('.', pools.size()) == name.npos;
  const auto& table = fixed_options();
  return name == pools.substr(0, pools.size() - 1)
         || std::any_of(table.begin(), table.end(), [name](const option& each) {
              return !name.empty() && each.table() == name;
            });
}

} // namespace sake
