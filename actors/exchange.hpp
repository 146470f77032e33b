// One request and its response, on their way through a chain.
#pragma once

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/return_address.hpp>
#include <sake/actors/shard.hpp>
#include <sake/http/slot_queue.hpp>
#include <sake/routing/context.hpp>

#include <caf/error.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/resumable.hpp>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sake::actors {

/// One request and its response, on their way through a chain: the context that a handler sees,
/// with the message that the request came in and the shard it runs on. It is answered exactly
/// once: by the response of the chain, or by 500 when the last reference goes before that.
///
/// The chain runs on the shard's reactor, the handler of a `.worker()` route on a worker. Pooled.
class exchange final : public context,
                       public caf::resumable,
                       public listed<waiting_exchange_tag>,
                       public http::answering {
public:
  using pointer = caf::intrusive_ptr<exchange>;

  /// Runs the chain of `plan` for `request`, which came in `message`, and answers its sender. On
  /// the reactor.
  static void serve(shard& home, const routing::plan& plan, route_state& state,
                    http::request request, caf::mailbox_element_ptr&& message);

  [[nodiscard]] shard& home() const noexcept { return *shard_; }
  [[nodiscard]] const routing::plan& plan() const noexcept { return *plan_; }
  [[nodiscard]] route_state& state() const noexcept { return *state_; }

  /// Lets `whom` answer in place of a handler. On the reactor.
  /// @param drops_cancelled  see `addressed_request::drop_when_cancelled`
  void delegate(const caf::strong_actor_ptr& whom, bool drops_cancelled = false);

  /// The same for an actor that a route spawned: where it ends before it has begun, the request goes
  /// to its supervisor.
  /// @param begun  see `return_address::count_begun`; null: the supervisor says
  void delegate(const caf::strong_actor_ptr& whom, const caf::strong_actor_ptr& supervisor,
                std::atomic<std::uint32_t>* begun);

  /// The same for an actor that is there for this request alone: it is told to exit where the request
  /// is over before it has answered.
  void delegate_to_own(const caf::strong_actor_ptr& whom);

  /// Nobody waits for the response any more: the layer that waits ends where it stands, queued work
  /// is not begun, and what runs is not cut short. Layers before see `status`. On the reactor.
  void cancel(int status) noexcept override;

  /// What the layer waits for will never come, as the request is over: as `cancel`, unless that was
  /// asked for already. With 0 the response stays. On the reactor.
  void end_where_it_waits(int status) noexcept;

  /// Lets go of what waits, at the end of the shard; the answer is 503. Whatever comes for it later
  /// is ignored. On the reactor, or where nothing runs there any more.
  void let_go() noexcept;

  // -- context ------------------------------------------------------------------

  [[nodiscard]] bool in_worker_pool() const noexcept override;
  [[nodiscard]] bool is_cancelled() const noexcept override { return ending_ != ending::none; }
  [[nodiscard]] bool is_draining() const noexcept override { return shard_->is_draining(); }
  void resume_later(routing::waiter_ptr waiting) noexcept override;
  [[nodiscard]] bool drops_work() const noexcept override {
    return ending_ == ending::asked || ending_ == ending::let_go;
  }
  void add_reference() noexcept override { references_.fetch_add(1, std::memory_order_relaxed); }
  void drop_reference() noexcept override;

  // -- resumable ----------------------------------------------------------------

  resume_result resume(caf::execution_unit* here, std::size_t) override;
  void intrusive_ptr_add_ref_impl() override { add_reference(); }
  void intrusive_ptr_release_impl() override { drop_reference(); }

  exchange* next_free = nullptr;

private:
  // What a free list deletes.
  template <class T, std::size_t Max>
  friend class http::detail::free_list;

  /// The wait for the actor that stands for a handler.
  class delegation final : public return_address::addressee, private deadline {
  public:
    explicit delegation(exchange& owner) noexcept : owner_(owner) {}
    /// Sends the request. Holds a reference to the exchange from then on, which ends with the wait.
    /// Throws what copies of the values throw that middleware has set, and what the actor's own
    /// `enqueue` does; the wait has then ended.
    void begin(const caf::strong_actor_ptr& whom, caf::strong_actor_ptr supervisor,
               std::atomic<std::uint32_t>* begun, bool drops_cancelled);
    /// Has `whom` told to exit where the wait that began is called off.
    void ends_with_wait(const caf::strong_actor_ptr& whom) { own_.reset(whom.get()); }
    /// @returns whether it was under way, and the reference is the caller's
    bool call_off() noexcept;

  private:
    void answered(caf::mailbox_element& answer) override;
    void failed(const caf::error& reason) override;
    void returned(return_address& from) override;
    void abandoned() override;
    void expired(time_point now) override;
    void end() noexcept;
    template <class Answer>
    void go_on(Answer answer) noexcept;
    template <class Why>
    void fail(Why why) noexcept;
    void copy_request();
    [[nodiscard]] caf::mailbox_element_ptr addressed_request_to(return_address& to);

    exchange& owner_;
    /// What the actor has, to be told of the end of the wait.
    http::request sent_{nullptr};
    /// Not kept alive here: only whoever is to answer does that.
    caf::weak_actor_ptr address_;
    caf::strong_actor_ptr supervisor_;
    /// Whom nobody else would tell to exit; null where that is not so.
    caf::weak_actor_ptr own_;
    int times_returned_ = 0;
    bool under_way_ = false;
  };

  /// The handler on its way to a worker, and back: the turn of whoever holds it.
  class move;

  /// Whose turn the chain is: nobody's, as it waits for something; somebody's, who has it or is to
  /// get it, on the reactor or on a worker; or his who is to look again, as something has ended a
  /// wait meanwhile. Whoever finds it free takes it, and sees that it gets on.
  enum class turn : std::uint8_t { free, taken, wanted };

  /// The end before its time: the layer that waits is to be ended, or has been; or everything goes.
  enum class ending : std::uint8_t { none, asked, done, let_go };

  exchange();
  ~exchange() override;

  /// Content that is still arriving, for layers that take it whole.
  struct arriving_content;

  [[nodiscard]] bool awaits_content() const noexcept override;
  /// Takes the content that the layer at work waits for, where it is all there.
  bool content_is_whole();
  void begin_streaming();
  void take_over_content();
  void listen_to_content();
  void content_came();
  void call_off_content() noexcept;
  void shed_and_go_on(std::chrono::seconds retry_after);
  [[nodiscard]] std::optional<std::chrono::seconds> refused_for() const noexcept;
  [[nodiscard]] std::chrono::seconds retry_behind(const executor& place) const noexcept;
  [[nodiscard]] std::chrono::seconds retry_behind_in_flight() const noexcept;
  void begin_layer();
  void begin_handler();
  /// The time from the end of the request to its response; 0: no bound.
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept;

  bool moves_handler() override;
  void move_handler() override;
  void finished() override;
  void report(std::exception_ptr error) noexcept override;
  [[nodiscard]] std::string_view route_title() const noexcept override { return plan_->title; }
  [[nodiscard]] std::string own_request_id() const override { return origin().id(); }
  [[nodiscard]] request_origin origin() const noexcept;
  /// Writes a line of the engine about this request.
  void log_failure(log_level level, std::string_view text,
                   std::initializer_list<log_field> more) const noexcept;
  std::unique_ptr<routing::pending> start_sleep(std::chrono::milliseconds duration,
                                                routing::waiter_ptr waiting,
                                                bool until_drain) override;
  routing::admission submit(std::shared_ptr<routing::work> work) override;
  std::shared_ptr<routing::streams> make_streams() override;

  /// Takes the turn when it is nobody's; else whoever has it looks again.
  bool take_turn() noexcept;
  /// Lets go of the turn; false when there is something to do before.
  bool leave_turn() noexcept;
  void go_home() noexcept;
  void go_on();
  void end_now();
  /// Resumes what is awake. Whoever has the turn takes it anew first, so that what wakes from then
  /// on is not overlooked.
  template <class Resume>
  void wake(Resume resume);
  void forget_awake() noexcept;

  /// Counts the handler against the bound of its route; false past it.
  bool enter();
  void leave() noexcept;
  bool enter_pool();
  /// Has a worker go on, who finds that something has woken the handler.
  void move_again();
  void leave_pool() noexcept;
  [[nodiscard]] bool work_on();
  bool run_handler();
  void left_by_executor() noexcept;
  void reply(http::response answer);
  void answer_dropped() noexcept;

  /// The barrier for exceptions of what is no user's code, such as of an allocation: the request is
  /// answered 500, or its connection closed where there is no memory for that.
  template <class Function>
  void contain(Function function) noexcept;
  void give_up(const std::exception_ptr& why) noexcept;
  using context::fail;
  void fail(const std::string& why);
  [[nodiscard]] connection* client() const noexcept;
  [[nodiscard]] bool has_client() const noexcept;
  bool gives_up_last() noexcept;
  void leave_waiting() noexcept;
  void recycle() noexcept;

  std::atomic<std::uint32_t> references_{1};
  shard* shard_ = nullptr;
  const routing::plan* plan_ = nullptr;
  route_state* state_ = nullptr;
  /// Where the handler runs once it has moved.
  executor* executor_ = nullptr;
  caf::mailbox_element_ptr message_;
  delegation delegation_{*this};
  std::unique_ptr<arriving_content> content_;
  /// The request as layers saw it that share it, before its content was there.
  http::request seen_before_{nullptr};
  time_point due_;
  /// Waits that are over. Pushed to from any thread, taken whole by whoever has the turn.
  std::atomic<routing::waiter*> awake_{nullptr};
  std::atomic<turn> turn_{turn::taken};
  bool answered_ = false;
  bool finished_ = false;
  /// In the list of its shard, where its connection may find it. Written on the reactor.
  std::atomic<bool> parked_{false};
  std::atomic<ending> ending_{ending::none};
  int cancel_status_ = 503;
  /// Whether the chain is on its reactor, and not on a worker. Written there.
  bool at_home_ = true;
  std::atomic<bool> begun_on_worker_{false};
  /// Counted in `route_state::in_flight`, since then; in `on_pool`.
  bool has_entered_ = false;
  time_point entered_;
  std::atomic<bool> is_on_pool_{false};
  /// Functions on the pool that may use the frames of coroutines. Belongs to the turn.
  std::size_t functions_ = 0;
};

template <class Function>
void exchange::contain(Function function) noexcept {
  try {
    function();
  } catch (...) {
    give_up(std::current_exception());
  }
}

template <class Resume>
void exchange::wake(Resume resume) {
  turn_.exchange(turn::taken, std::memory_order_acq_rel);
  auto* newest = awake_.exchange(nullptr, std::memory_order_acquire);
  // First, as the turn may go to a worker with the first that is resumed. What came first is resumed
  // first.
  routing::waiter* oldest = nullptr;
  while (newest != nullptr) {
    auto* const each = std::exchange(newest, newest->next);
    functions_ -= each->has_function ? 1 : 0;
    each->next = std::exchange(oldest, each);
  }
  while (oldest != nullptr) {
    const routing::waiter_ptr next{std::exchange(oldest, oldest->next)};
    if (!next->is_forgotten())
      resume(next->coroutine());
  }
}

inline void intrusive_ptr_add_ref(exchange* x) noexcept {
  x->add_reference();
}
inline void intrusive_ptr_release(exchange* x) noexcept {
  x->drop_reference();
}

} // namespace sake::actors
