#include "chain_runner.hpp"

#include "../http/status.hpp"
#include "offload.hpp"
#include "response_fields.hpp"

#include <algorithm>
#include <stdexcept>

namespace sake::routing {

namespace {

bool is_pool_full(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const pool_full&) {
    return true;
  } catch (...) {
    return false;
  }
}

} // namespace

chain_runner::~chain_runner() = default;

void detail::start(context& ctx, task<> body) {
  auto& runner = static_cast<chain_runner&>(ctx);
  runner.task_ = std::move(body);
  runner.task_.frame().promise().owner = &runner;
  runner.task_.frame().resume();
}

// Inside `run` or `resume_waiting` the loop there notices. Otherwise a foreign awaitable resumed
// the coroutine directly, and the chain continues from here.
void chain_runner::layer_ended() noexcept {
  if (!running_)
    run();
}

void chain_runner::fail(std::exception_ptr error) {
  if (!is_stream() && is_pool_full(error)) {
    shed(std::chrono::seconds{1});
    return;
  }
  fail_told();
  report(error);
}

void chain_runner::fail_told() {
  break_off();
  replace_response(500);
}

// Keeps only the fields of the response that are safe on errors.
void chain_runner::break_off() {
  state_.aborted = true;
  if (state_.stream == streaming::open)
    state_.stream = streaming::failed;
  response_ = response_.data().fields.empty() ? http::response{} : keep_safe_fields(response_);
}

void chain_runner::shed(std::chrono::seconds retry_after) {
  break_off();
  replace_response(503);
  response_.set_header("Retry-After", std::to_string(retry_after.count()));
}

// -- the chain --------------------------------------------------------------------

void chain_runner::begin(http::request request, const chain& layers) {
  request_ = std::move(request);
  // Releases the old response first, so that the new one reuses its memory.
  response_ = http::response{nullptr};
  response_ = http::response{};
  layers_ = &layers;
  index_ = 0;
  phase_ = phase::descending;
  state_.stream = streaming::no;
  running_ = is_returning_ = is_deferred_ = state_.has_content = state_.next_called =
      state_.answered = state_.aborted = waits_ = sleep_ends_at_drain = false;
}

void chain_runner::begin_remote(remote_call call, const chain& layers) {
  begin(std::move(call.request), layers);
  index_ = static_cast<std::uint32_t>(layers.size() - 1);
  for (wire_value& each : call.values) {
    std::string key = each.key;
    values_.push_back({std::move(key), std::move(each)});
  }
}

remote_call chain_runner::to_remote_call(std::size_t endpoint,
                                         std::optional<std::chrono::milliseconds> time_left) const {
  remote_call made{endpoint, request_, false, time_left, {}};
  for (const detail::set_value& each : values_)
    if (each.to_wire != nullptr)
      made.values.push_back(each.to_wire(each));
  return made;
}

bool chain_runner::values_travel() const noexcept {
  return std::ranges::all_of(values_,
                             [](const detail::set_value& each) { return each.to_wire != nullptr; });
}

void chain_runner::clear() noexcept {
  task_ = {};
  while (!state_.open.empty())
    state_.open.pop_back();
  waiting_for_return_ = {};
  if (!values_.empty())
    values_.clear();
  query_.reset();
  if (streams_ != nullptr)
    streams_->call_off();
}

void chain_runner::run() {
  running_ = true;
  for (;;) {
    switch (phase_) {
      case phase::descending:
        enter_layer();
        break;
      case phase::in_layer:
        if (is_waiting()) {
          running_ = false;
          if (std::exchange(is_deferred_, false))
            defer_layer();
          return;
        }
        after_layer();
        break;
      case phase::unwinding:
        leave_layer();
        break;
      case phase::done:
        running_ = false;
        finished();
        return;
    }
  }
}

void chain_runner::enter_layer() {
  const auto& layer = *(*layers_)[index_++];
  phase_ = phase::in_layer;
  const bool is_last = is_at_handler();
  state_.has_content = state_.has_content || is_last || layer.reads_content();
  if (is_last ? prepare_handler() : !state_.has_content || !awaits_content())
    act(layer);
  else
    is_deferred_ = waits_ = true;
}

void chain_runner::act(const layer& layer) {
  state_.next_called = state_.answered = false;
  try {
    layer.act(*this);
  } catch (...) {
    fail(std::current_exception());
  }
}

void chain_runner::run_deferred_layer() {
  run_instead(*(*layers_)[index_ - 1]);
}

void chain_runner::run_instead(const layer& other) {
  waits_ = false;
  running_ = true;
  act(other);
  running_ = false;
}

void chain_runner::resume(std::coroutine_handle<> waiting) {
  running_ = true;
  waiting.resume();
  running_ = false;
}

void chain_runner::skip_deferred_layer(int code) {
  waits_ = false;
  replace_response(code);
}

void chain_runner::answer_deferred_layer(http::response answer) {
  waits_ = false;
  respond(std::move(answer));
}

bool chain_runner::is_waiting() const noexcept {
  return waits_ || (task_ && !waiting_for_return_ && !task_.frame().done());
}

void chain_runner::after_layer() {
  if (task_) {
    if (task_.frame().done()) {
      if (auto error = std::exchange(task_.frame().promise().error, {}))
        fail(std::move(error));
      task_ = {};
    } else {
      state_.open.push_back({{}, std::move(task_), std::exchange(waiting_for_return_, {})});
    }
  }
  if (state_.stream != streaming::no)
    end_stream();
  const bool is_last = is_returning_ || index_ == layers_->size();
  const bool stops = state_.aborted || (state_.answered && !state_.next_called);
  phase_ = is_last || stops ? phase::unwinding : phase::descending;
}

void chain_runner::leave_layer() {
  is_returning_ = state_.has_content = true;
  if (state_.open.empty()) {
    phase_ = phase::done;
    return;
  }
  detail::open_layer layer = std::move(state_.open.back());
  state_.open.pop_back();
  if (layer.after) {
    try {
      layer.after(*this);
    } catch (...) {
      fail(std::current_exception());
    }
    return;
  }
  phase_ = phase::in_layer;
  task_ = std::move(layer.frame);
  layer.waiting.resume();
}

void chain_runner::resume_waiting(std::coroutine_handle<> waiting) {
  resume(waiting);
  run();
}

void chain_runner::end_wait(int code) {
  task_ = {};
  waiting_for_return_ = {};
  is_deferred_ = false;
  if (streams_ != nullptr)
    streams_->call_off();
  if (code != 0) {
    break_off();
    replace_response(code);
  }
  state_.aborted = true;
  run_on();
}

void chain_runner::run_on() {
  waits_ = false;
  // The wait may end before the layer that began it has returned; the loop there continues.
  if (!running_)
    run();
}

// -- content in pieces --------------------------------------------------------------

streams& chain_runner::streams() {
  if (streams_ == nullptr)
    streams_ = make_streams();
  return *streams_;
}

std::shared_ptr<streams> chain_runner::make_streams() {
  return std::make_shared<routing::streams>(request_, response_);
}

// A layer has ended, or waits for the next one: a stream ends with the layer that began it.
void chain_runner::end_stream() {
  if (state_.stream == streaming::over || state_.open.size() != state_.stream_depth)
    return;
  if (state_.stream == streaming::open && streams_->missing() > 0
      && request_.method() != http::method::head)
    fail(std::make_exception_ptr(
        std::length_error("less content than the announced length of the response")));
  streams_->close();
  if (std::exchange(state_.stream, streaming::over) == streaming::open)
    streams_->end();
  else
    streams_->cut(response_);
}

bool chain_runner::has_sent_stream(const http::response& instead) {
  if (std::exchange(state_.stream, streaming::over) != streaming::over) {
    streams_->close();
    streams_->cut(instead);
  }
  return streams_->is_sent();
}

} // namespace sake::routing
