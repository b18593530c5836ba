#include "plugin/http_desk.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <thread>
#include <utility>

namespace rondom::plugin {

class HttpDesk::Exchange final : public net::BodySource, public net::ReplySink {
 public:
  Exchange(HttpDesk& desk, HttpBegin begin) : desk_(desk), begin_(std::move(begin)) {}
  ~Exchange() override {
    if (thread_.joinable()) thread_.join();
  }
  void start() {
    thread_ = std::thread([this] { run(); });
  }

  std::uint64_t id() const { return begin_.id; }
  bool over() const { return over_.load(); }
  /// With the network, not with the plugin.
  bool works() const { return !over() && !waits_.load(); }
  void interrupt() { interrupt_.request(); }

  // From the reading thread.
  bool data(Decoder& in) {
    const bool good = in.u8() != 0;
    const std::string_view piece = in.text();
    const std::lock_guard lock(mutex_);
    if (!in.finished() || !asked_ || has_piece_ || piece.size() > asked_capacity_) return false;
    has_piece_ = true;
    piece_good_ = good;
    piece_ = piece;
    changed_.notify_all();
    return true;
  }
  bool taken(Decoder& in) {
    const std::uint64_t bytes = in.u64();
    const std::lock_guard lock(mutex_);
    if (!in.finished() || bytes > http_window_bytes - window_) return false;
    window_ += static_cast<std::size_t>(bytes);
    changed_.notify_all();
    return true;
  }
  void abort() {
    {
      const std::lock_guard lock(mutex_);
      aborted_ = true;
    }
    interrupt_.request();
  }

  // BodySource
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t capacity = std::min(into.size(), http_piece_bytes_max);
    {
      const std::lock_guard lock(mutex_);
      asked_ = true;
      asked_capacity_ = capacity;
      has_piece_ = false;
    }
    frame_.begin(FrameType::http_more).u64(id()).u8(std::exchange(rewound_, false) ? 1 : 0);
    RONDOM_TRY(desk_.send_(frame_.u32(static_cast<std::uint32_t>(capacity))));
    RONDOM_TRY(wait([this] { return has_piece_; }));
    const std::lock_guard lock(mutex_);
    asked_ = false;
    if (!piece_good_) return Error{ErrorCode::cancelled, "The connector ended the request."};
    std::memcpy(into.data(), piece_.data(), piece_.size());
    return piece_.size();
  }
  bool can_rewind() const override { return begin_.can_rewind; }
  void rewind() override { rewound_ = true; }
  std::int64_t size() const override { return begin_.body_size; }

  // ReplySink
  Status head(std::uint32_t status, std::span<const net::Header> headers) override {
    encode_http_head(frame_, id(), status, headers);
    return desk_.send_(frame_);
  }
  Status body(std::string_view bytes) override {
    while (!bytes.empty()) {
      RONDOM_TRY(wait([this] { return window_ > 0; }));
      std::size_t size = std::min(bytes.size(), http_piece_bytes_max);
      {
        const std::lock_guard lock(mutex_);
        size = std::min(size, window_);
        window_ -= size;
      }
      frame_.begin(FrameType::http_body).u64(id()).text(bytes.substr(0, size));
      RONDOM_TRY(desk_.send_(frame_));
      bytes.remove_prefix(size);
    }
    return {};
  }

 private:
  void run() {
    Status status;
    try {
      if (begin_.streams) begin_.request.stream = this;
      status = desk_.http_
                   ? desk_.http_(begin_.request, *this, interrupt_)
                   : Status(ErrorCode::unsupported, "This run does not offer HTTP to plugins.");
    } catch (...) {
      status = Status(ErrorCode::internal, "An exception of the engine ended the request.");
    }
    Encoder end;
    encode_http_end(end, id(), status);
    // A host that is gone is described by whoever waits for its answer.
    (void)desk_.send_(end).ok();
    desk_.sign_of_life_();
    over_.store(true);
  }

  template <typename Ready>
  Status wait(Ready ready) {
    const net::Interrupt::Waker waker(interrupt_, [this] {
      const std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
    std::unique_lock lock(mutex_);
    if (!ready() && !interrupt_.requested()) {
      lock.unlock();
      desk_.sign_of_life_();
      lock.lock();
      waits_.store(true);
      changed_.wait(lock, [&] { return ready() || interrupt_.requested(); });
      waits_.store(false);
    }
    if (ready()) return {};
    return {ErrorCode::cancelled, aborted_ ? "The connector ended the transfer."
                                           : "The request was stopped because the run was."};
  }

  HttpDesk& desk_;
  HttpBegin begin_;
  net::Interrupt interrupt_;
  Encoder frame_;
  bool rewound_ = false;
  std::atomic<bool> over_{false};
  std::atomic<bool> waits_{false};

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool asked_ = false;
  std::size_t asked_capacity_ = 0;
  bool has_piece_ = false;
  bool piece_good_ = false;
  std::string piece_;
  std::size_t window_ = http_window_bytes;
  bool aborted_ = false;

  std::thread thread_;
};

HttpDesk::HttpDesk(decltype(HostServices::http) http, Send send, std::function<void()> sign_of_life)
    : http_(std::move(http)), send_(std::move(send)), sign_of_life_(std::move(sign_of_life)) {}

HttpDesk::~HttpDesk() {
  close();
}

bool HttpDesk::take(const Frame& frame) {
  if (frame.type == FrameType::http_begin) return begin(frame);
  Decoder in(frame.payload());
  const std::shared_ptr<Exchange> exchange = find(in.u64());
  // It may have ended while the frame was on its way.
  if (exchange == nullptr) return in.ok();
  switch (frame.type) {
    case FrameType::http_data: return exchange->data(in) || exchange->over();
    case FrameType::http_taken: return exchange->taken(in);
    case FrameType::http_abort: exchange->abort(); return in.finished();
    default: return false;
  }
}

bool HttpDesk::begin(const Frame& frame) {
  HttpBegin begin;
  if (!decode_http_begin(frame.payload(), begin)) return false;
  reap();
  const std::lock_guard lock(mutex_);
  // One that has told its end may not have left the list yet.
  if (exchanges_.size() >= 2 * http_exchanges_max) return false;
  for (const auto& other : exchanges_) {
    if (other->id() == begin.id) return false;
  }
  exchanges_.push_back(std::make_shared<Exchange>(*this, std::move(begin)));
  if (closed_) exchanges_.back()->interrupt();
  exchanges_.back()->start();
  return true;
}

std::shared_ptr<HttpDesk::Exchange> HttpDesk::find(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  for (const auto& exchange : exchanges_) {
    if (exchange->id() == id) return exchange;
  }
  return nullptr;
}

void HttpDesk::reap() {
  std::list<std::shared_ptr<Exchange>> over;
  const std::lock_guard lock(mutex_);
  for (auto at = exchanges_.begin(); at != exchanges_.end();) {
    const auto next = std::next(at);
    if ((*at)->over()) over.splice(over.end(), exchanges_, at);
    at = next;
  }
}

void HttpDesk::interrupt() {
  const std::lock_guard lock(mutex_);
  for (const auto& exchange : exchanges_) exchange->interrupt();
}

void HttpDesk::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& exchange : exchanges_) exchange->interrupt();
}

bool HttpDesk::works() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(exchanges_.begin(), exchanges_.end(),
                     [](const auto& exchange) { return exchange->works(); });
}

}  // namespace rondom::plugin
