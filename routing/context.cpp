#include <sake/routing/context.hpp>

#include <sake/http/status.hpp>
#include <sake/routing/request_facts.hpp>
#include <sake/routing/response_fields.hpp>
#include <sake/routing/streams.hpp>

#include <new>
#include <stdexcept>

namespace sake {

namespace routing::detail {

void start(context& ctx, task<> body) {
  ctx.task_ = std::move(body);
  ctx.task_.frame().promise().owner = &ctx;
  ctx.task_.frame().resume();
}

void layer_ended(context& ctx) noexcept {
  // Inside `run` or `resume` the loop there notices. Otherwise a foreign awaitable resumed the
  // coroutine directly, and the chain goes on from here.
  if (!ctx.running_)
    ctx.run();
}

} // namespace routing::detail

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

context::~context() = default;

// -- the log -----------------------------------------------------------------------

std::vector<log_field> context::facts(std::initializer_list<log_field> given) const noexcept {
  try {
    std::vector<log_field> all{given};
    routing::add_request_facts(all, request_, route_title(), own_request_id());
    return all;
  } catch (const std::bad_alloc&) {
    return {};
  }
}

void context::log(log_level level, std::string_view text,
                  std::initializer_list<log_field> facts) const noexcept {
  if (logs(level))
    sake::log(level, text, this->facts(facts));
}

// -- the request ------------------------------------------------------------------

std::string_view context::default_query(std::string_view name, std::string_view otherwise) const {
  if (request_.query().empty())
    return otherwise;
  if (!query_)
    query_ = http::parse_query(request_.query());
  for (const auto& parameter : *query_)
    if (parameter.name == name)
      return parameter.value;
  return otherwise;
}

std::vector<std::string_view> context::query_array(std::string_view name) const {
  std::vector<std::string_view> values;
  (void)default_query(name, {});
  if (query_)
    for (const auto& parameter : *query_)
      if (parameter.name == name)
        values.push_back(parameter.value);
  return values;
}

void context::refuse_json(const http::json_error& error) {
  string(400, error.refusal());
  abort();
}

// -- the response -----------------------------------------------------------------

context& context::status(int code) {
  response_.status(code);
  return *this;
}

context& context::set_header(std::string_view name, std::string_view value) {
  response_.set_header(name, value);
  return *this;
}

context& context::add_header(std::string_view name, std::string_view value) {
  response_.add_header(name, value);
  return *this;
}

void context::answer(int code, std::string_view content_type_line) {
  response_.status(code).content_type_line(content_type_line);
  answered_ = true;
}

void context::string(int code, std::string_view text) {
  answer(code, http::content_types::text);
  response_.content(text);
}

void context::html(int code, std::string_view text) {
  answer(code, http::content_types::html);
  response_.content(text);
}

void context::data(int code, std::string_view content_type, std::string octets) {
  response_.status(code);
  if (content_type.empty())
    response_.remove_header("Content-Type");
  else
    response_.set_header("Content-Type", content_type);
  response_.content(std::move(octets));
  answered_ = true;
}

std::string& context::begin_json(int code) {
  answer(code, http::content_types::json);
  auto& content = response_.data().content;
  content.clear();
  return content;
}

void context::json(int code, std::initializer_list<http::json_member> members) {
  http::json_writer out{begin_json(code)};
  http::write_json(out, members);
}

void context::redirect(int code, std::string_view location) {
  if (code < 300 || code > 308)
    throw std::invalid_argument("not the status of a redirection: " + std::to_string(code));
  response_.status(code);
  response_.set_header("Location", location);
  response_.remove_header("Content-Type");
  response_.content(std::string_view{});
  answered_ = true;
}

void context::respond(http::response answer) {
  if (!answer)
    throw std::invalid_argument("the response was moved from before");
  answered_ = true;
  if (!response_.data().fields.empty())
    answer = routing::merge_fields(response_, std::move(answer));
  response_ = std::move(answer);
}

void context::abort_with_status(int code) {
  replace_response(code);
  abort();
}

void context::replace_response(int code) {
  response_.status(code);
  response_.content_type_line(http::content_types::text);
  response_.content(http::reason_phrase(code));
  response_.data().content += '\n';
  answered_ = true;
}

void context::fail(std::exception_ptr error) {
  if (!is_stream() && is_pool_full(error)) {
    shed(std::chrono::seconds{1});
    return;
  }
  fail_told();
  report(error);
}

void context::fail_told() {
  break_off();
  replace_response(500);
}

// Nothing of the response in the making stays but what holds for any answer.
void context::break_off() {
  aborted_ = true;
  if (streaming_ == streaming::open)
    streaming_ = streaming::failed;
  response_ = response_.data().fields.empty() ? http::response{}
                                              : routing::keep_safe_fields(response_);
}

void context::shed(std::chrono::seconds retry_after) {
  break_off();
  replace_response(503);
  response_.set_header("Retry-After", std::to_string(retry_after.count()));
}

// -- values -----------------------------------------------------------------------

std::any& context::slot(std::string_view key) {
  if (std::any* found = find(key))
    return *found;
  return values_.emplace_back(std::string{key}, std::any{}).second;
}

std::any* context::find(std::string_view key) noexcept {
  for (auto& [name, value] : values_)
    if (name == key)
      return &value;
  return nullptr;
}

void context::missing(std::string_view key) {
  throw std::out_of_range("no value of that type under the key " + std::string{key});
}

// -- the chain --------------------------------------------------------------------

void context::begin(http::request request, const routing::chain& layers) {
  request_ = std::move(request);
  // The old one first, so that the new one is made of it.
  response_ = http::response{nullptr};
  response_ = http::response{};
  layers_ = &layers;
  index_ = 0;
  phase_ = phase::descending;
  streaming_ = streaming::no;
  running_ = returning_ = moved_ = has_content_ = next_called_ = answered_ = aborted_ = waits_ =
      knows_of_drain_ = false;
}

void context::clear() noexcept {
  task_ = {};
  while (!open_.empty())
    open_.pop_back();
  waiting_for_next_ = {};
  if (!values_.empty())
    values_.clear();
  query_.reset();
  if (streams_ != nullptr)
    streams_->call_off();
}

void context::run() {
  running_ = true;
  for (;;) {
    switch (phase_) {
      case phase::descending:
        enter_layer();
        break;
      case phase::in_layer:
        if (is_waiting()) {
          running_ = false;
          if (std::exchange(moved_, false))
            move_handler();
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

void context::enter_layer() {
  const auto& layer = *(*layers_)[index_++];
  phase_ = phase::in_layer;
  const bool is_last = is_at_handler();
  has_content_ = has_content_ || is_last || layer.reads_content();
  if (is_last ? moves_handler() : has_content_ && awaits_content())
    moved_ = waits_ = true;
  else
    act(layer);
}

void context::check_content() const {
  if (!request_.content().empty() || awaits_content())
    throw std::logic_error("a middleware reads the content before it is there; register it with "
                           "use(sake::reads_content(...))");
}

void context::act(const routing::layer& layer) {
  next_called_ = answered_ = false;
  try {
    layer.act(*this);
  } catch (...) {
    fail(std::current_exception());
  }
}

void context::run_moved_handler() {
  waits_ = false;
  running_ = true;
  act(*(*layers_)[index_ - 1]);
  running_ = false;
}

void context::resume_moved(std::coroutine_handle<> waiting) {
  running_ = true;
  waiting.resume();
  running_ = false;
}

void context::skip_moved_handler(int code) {
  waits_ = false;
  replace_response(code);
}

bool context::is_waiting() const noexcept {
  return waits_ || (task_ && !waiting_for_next_ && !task_.frame().done());
}

void context::after_layer() {
  if (task_) {
    if (task_.frame().done()) {
      if (auto error = std::exchange(task_.frame().promise().error, {}))
        fail(std::move(error));
      task_ = {};
    } else {
      open_.push_back({{}, std::move(task_), std::exchange(waiting_for_next_, {})});
    }
  }
  if (streaming_ != streaming::no)
    end_stream();
  const bool is_last = returning_ || index_ == layers_->size();
  const bool stops = aborted_ || (answered_ && !next_called_);
  phase_ = is_last || stops ? phase::unwinding : phase::descending;
}

void context::leave_layer() {
  returning_ = has_content_ = true;
  if (open_.empty()) {
    phase_ = phase::done;
    return;
  }
  open_layer layer = std::move(open_.back());
  open_.pop_back();
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

void context::resume(std::coroutine_handle<> waiting) {
  resume_moved(waiting);
  run();
}

void context::end_wait(int code) {
  task_ = {};
  waiting_for_next_ = {};
  moved_ = false;
  if (streams_ != nullptr)
    streams_->call_off();
  if (code != 0) {
    break_off();
    replace_response(code);
  }
  aborted_ = true;
  run_on();
}

void context::run_on() {
  waits_ = false;
  // The wait may end before the layer that began it has returned; the loop there goes on.
  if (!running_)
    run();
}

} // namespace sake
