#include <sake/testing/test_app.hpp>

#include <sake/runtime/connection_settings.hpp>

#include <stdexcept>

namespace sake::testing {

namespace {

stage_settings settings_of(const config& options, std::size_t reactors) {
  std::string errors;
  for (const auto& error : options.check())
    errors += (errors.empty() ? "" : "\n") + error;
  if (!errors.empty())
    throw std::invalid_argument(errors);
  return {.connections = connection_settings(options),
          .reactors = reactors,
          .max_connections = options.max_connections(),
          .worker_pool = options.worker_pool(),
          .workers = options.workers(),
          .queue_bound = options.worker_queue_bound()};
}

} // namespace

// -- pending_response -----------------------------------------------------------------

pending_response::pending_response(stage& on, const request& what)
    : stage_(&on),
      peer_(on.connect(what.peer())),
      title_(what.title()),
      to_head_(what.method() == "HEAD") {
  peer_.send(what.octets());
}

bool pending_response::is_ready() {
  if (response_)
    return true;
  reader_.append(peer_.take());
  if (peer_.is_closed())
    reader_.finish();
  response_ = reader_.next(to_head_);
  return response_.has_value();
}

response pending_response::take() {
  stage_->run_until([this] { return is_ready() || peer_.is_closed(); });
  if (!is_ready())
    throw failure("no response to " + title_
                  + (peer_.is_closed() ? ": the connection was closed"
                                       : ": the app is idle, and nothing waits for time to pass"));
  // The connection is not to be seen by what follows.
  peer_.finish();
  stage_->run();
  return std::move(*response_);
}

// -- test_app -------------------------------------------------------------------------

test_app::test_app(const config& options, std::size_t reactors)
    : stage_(settings_of(options, reactors)) {}

test_app::test_app(const registration& add_routes, const config& options, std::size_t reactors)
    : test_app(options, reactors) {
  add_routes(routes());
}

} // namespace sake::testing
