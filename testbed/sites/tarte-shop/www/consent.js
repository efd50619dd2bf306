// tarteaucitron's settings and its own services.
var tarteaucitronForceLanguage = "en";
tarteaucitron.init({
  privacyUrl: "/contact",
  hashtag: "#tarteaucitron",
  cookieName: "tarteaucitron",
  orientation: "middle",
  showAlertSmall: false,
  cookieslist: false,
  adblocker: false,
  DenyAllCta: true,
  AcceptAllCta: true,
  highPrivacy: true,
  handleBrowserDNTRequest: false,
  removeCredit: true,
  moreInfoLink: false,
  mandatory: false,
  googleConsentMode: false,
  bingConsentMode: false,
  pianoConsentMode: false,
  serviceDefaultState: "wait"
});
tarteaucitron.user.clarity = "tarteshop1";
tarteaucitron.user.gtagUa = "G-TARTE00001";
tarteaucitron.user.facebookpixelId = "700600500400300";
(tarteaucitron.job = tarteaucitron.job || []).push("clarity", "gtag", "facebookpixel");
