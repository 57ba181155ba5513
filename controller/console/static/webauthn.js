// Security keys: asks the browser for what a form's data-options say, and sends what the key answered.
for (const form of document.querySelectorAll("form[data-webauthn]")) {
  form.addEventListener("submit", async (event) => {
    const box = form.elements.namedItem("credential");
    if (box.value) return;
    event.preventDefault();
    const told = form.querySelector("[role=status]");
    try {
      const { publicKey } = JSON.parse(form.dataset.options);
      const credential =
        form.dataset.webauthn === "create"
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
      box.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      told.textContent = "The key was not used. Try again, or use a code.";
    }
  });
}
