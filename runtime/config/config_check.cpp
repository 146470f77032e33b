#include "config_check.hpp"

#include "../../actors/reactor/cores.hpp"
#include "../../http/fields.hpp"
#include "../../http/quote.hpp"
#include "address.hpp"
#include "node_check.hpp"
#include "options.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake {

namespace {

std::string show(const option& of, std::int64_t number) {
  switch (of.type) {
    case option_type::duration:
      return option_text::show_duration(std::chrono::milliseconds{number});
    case option_type::size:
      return option_text::show_size(static_cast<std::uint64_t>(number));
    default:
      return std::to_string(number);
  }
}

std::string range_of(const option& of) {
  if (of.type == option_type::word)
    return "must be one of " + of.choices();
  if (of.most == option::unbounded)
    return of.least == 0 ? "must not be negative" : "must be at least " + show(of, of.least);
  return "must be " + show(of, of.least) + " to " + show(of, of.most);
}

// Names that are valid in a log line, a file and a thread name.
bool is_pool_name(std::string_view name) {
  return !name.empty() && name.size() <= 32
         && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789-_")
                == std::string_view::npos;
}

// Other places where routes run have these names in logs and for observers.
bool is_taken(std::string_view pool) {
  return pool == "scheduler" || pool.starts_with("detached-");
}

class checker {
public:
  explicit checker(const config_values& values) : values_(values) {}

  std::vector<option_problem> problems() {
    for (const auto& each : options_of(values_))
      if (const auto is = each.number(values_); is < each.least || is > each.most)
        need(false, each.name, range_of(each) + ", not " + each.show(values_));
    if (const auto where = address::parse(values_.address); !where)
      found_.push_back({"address", where.error()});
    check_cores("reactor_cores", values_.reactor_cores);
    check_cores("worker_cores", values_.executors.pool.cores);
    check_nice("worker_nice", values_.executors.pool.nice, values_.executors.pool.scheduling);
    for (const auto& [name, pool] : values_.executors.named_pools)
      check_pool("pools." + name, name, pool);
    need(values_.adaptive.window >= values_.adaptive.threshold, "adaptive_window",
         "must not be shorter than blocking_threshold");
    const auto& mode = values_.unix_socket.mode;
    need(mode.empty() || read_mode(mode), "unix_socket.mode",
         "must be 0 to 0777 in octal, not \"" + mode + '"');
    const auto& sink = values_.log.sink;
    need(sink == "stderr" || sink == "stdout" || sink.find('/') != sink.npos, "log.sink",
         "must be stderr, stdout, or a path with a '/', not \"" + sink + '"');
    need(http::is_field_value(values_.server_name), "server_name",
         "must not hold control characters");
    for (auto& each : node_problems(values_.node))
      found_.push_back(std::move(each));
    return std::move(found_);
  }

private:
  void need(bool holds, const std::string& name, const std::string& rule) {
    if (!holds)
      found_.push_back({name, rule});
  }

  void check_pool(const std::string& table, std::string_view name, const pool_settings& pool) {
    need(is_pool_name(name), table, "must be named by 1 to 32 letters, digits, '-' or '_'");
    need(!is_taken(name), table,
         "must not be named \"scheduler\" or \"detached-…\", as other places are");
    check_cores(table + ".cores", pool.cores);
    check_nice(table + ".nice", pool.nice, pool.scheduling);
  }

  void check_nice(const std::string& name, std::size_t nice, scheduling of) {
    need(nice == 0 || of != scheduling::idle, name,
         "is not for the scheduling class idle, whose workers yield to all others anyway");
  }

  void check_cores(const std::string& name, const std::vector<std::size_t>& cores) {
    const auto usable = actors::usable_cores();
    std::vector<std::size_t> others;
    for (const auto each : cores)
      if (std::find(usable.begin(), usable.end(), each) == usable.end())
        others.push_back(each);
    need(others.empty(), name,
         "names cores that this process may not use: " + option_text::show_cores(others)
             + "; it may use " + option_text::show_cores(usable));
    auto sorted = cores;
    std::sort(sorted.begin(), sorted.end());
    need(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(), name,
         "names a core twice");
  }

  const config_values& values_;
  std::vector<option_problem> found_;
};

} // namespace

std::vector<option_problem> problems_of(const config_values& values) {
  return checker{values}.problems();
}

std::vector<std::string> errors_of(const config_values& values) {
  std::vector<std::string> errors;
  for (const auto& problems : {problems_of(values), node_problems_at_start(values)})
    for (const auto& each : problems)
      errors.push_back(http::on_one_line(each.name + ' ' + each.rule));
  return errors;
}

std::vector<std::string> unused_permissions(const config_values& values) {
  const auto where = address::parse(values.address);
  if (!where || where->is_unix())
    return {};
  std::vector<std::string> errors;
  const auto refuse = [&](const std::string& name, const std::string& value) {
    if (!value.empty())
      errors.push_back(name + " is for a Unix socket that the engine makes, not for the address "
                       + values.address);
  };
  refuse("unix_socket.mode", values.unix_socket.mode);
  refuse("unix_socket.owner", values.unix_socket.owner);
  return errors;
}

} // namespace sake
