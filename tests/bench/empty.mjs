// What workerd's own start takes, for `cargo xtask bench`.
export default {
  fetch() {
    return new Response("ok");
  },
};
