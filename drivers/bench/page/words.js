// The page's own words in both languages; the terminal's words come from the terminal.

const WORDS = {
  en: {
    bench: "bench", api: "API", sound: "Sound", language: "Language of this page", terminal: "Terminal",
    lights: "Status lights", softKeys: "Soft keys", keypad: "Keypad", scroll: "Scroll", close: "Close",
    keyCancel: "Cancel", keyClear: "Clear", keyMenu: "Menu", keyEnter: "Enter", keyUp: "Up", keyDown: "Down",
    firstSale: "Take your first sale", firstSaleHow: "Twelve yuan, paid in cash, no change:", showMe: "Show me",
    noHint: "I know my way", receipts: "Receipts", noReceipts: "They come out of the top, and are kept here.",
    whatIf: "What if …", printer: "The printer is", printerOk: "fine", printerNearEnd: "low on paper",
    printerOut: "out of paper", printerCover: "open", printerOffline: "unplugged", battery: "Battery",
    temperature: "Temperature", cutPower: "Cut the power", switchOn: "Switch on", openCase: "Open the case",
    closeCase: "Close the case", events: "What happened",
    keyboardHint: "Keyboard: digits, Enter, Backspace = Clear, Esc = Cancel, M = Menu, arrows, F1–F4.",
    copyText: "Copy the text", copied: "Copied", picture: "Picture", bytes: "ESC/POS bytes", receipt: "Receipt",
    stillPrinting: "still printing", unconfirmed: "not confirmed by the printer",
    booting: "Starting …", off: "Switched off", ended: "The terminal has stopped with status",
    lost: "The bench is not running. Waiting for it …", keysLeft: "The terminal did not take:",
    failed: "That did not work:", screenIs: "screen", key: "key", beep: "beep", printerSays: "printer", entry: "Entry:", ready: "ready", busy: "busy", ok: "OK",
    error: "error", boot: "start", powerCut: "power off",
  },
  zh: {
    bench: "工作台", api: "接口", sound: "声音", language: "页面语言", terminal: "终端",
    lights: "状态灯", softKeys: "功能键", keypad: "键盘", scroll: "翻页", close: "关闭",
    keyCancel: "取消", keyClear: "清除", keyMenu: "菜单", keyEnter: "确认", keyUp: "上", keyDown: "下",
    firstSale: "来做第一笔交易", firstSaleHow: "十二元，现金，不找零：", showMe: "演示一遍",
    noHint: "我会用", receipts: "凭单", noReceipts: "凭单从顶部打印出来，存放在这里。",
    whatIf: "如果……", printer: "打印机", printerOk: "正常", printerNearEnd: "纸将尽", printerOut: "缺纸",
    printerCover: "上盖打开", printerOffline: "断开", battery: "电池", temperature: "温度", cutPower: "切断电源",
    switchOn: "开机", openCase: "打开机壳", closeCase: "合上机壳", events: "发生了什么",
    keyboardHint: "电脑键盘：数字、Enter、退格 = 清除、Esc = 取消、M = 菜单、方向键、F1–F4。",
    copyText: "复制文字", copied: "已复制", picture: "图片", bytes: "ESC/POS 字节", receipt: "凭单",
    stillPrinting: "打印中", unconfirmed: "打印机未确认",
    booting: "正在启动……", off: "已关机", ended: "终端已停止，状态码",
    lost: "工作台没有运行，等待中……", keysLeft: "终端没有接受：",
    failed: "没有成功：", screenIs: "屏幕", key: "按键", beep: "声音", printerSays: "打印机", entry: "输入：", ready: "就绪", busy: "忙", ok: "成功",
    error: "错误", boot: "启动", powerCut: "断电",
  },
};

const KINDS = {
  en: { cash_sale: "cash sale", cash_void: "cash void", merchant: "merchant", customer: "customer" },
  zh: { cash_sale: "现金消费", cash_void: "现金撤销", merchant: "商户", customer: "顾客" },
};

let language = remembered() ?? ((navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en");
const listeners = [];

function remembered() {
  try {
    const kept = localStorage.getItem("language");
    return kept in WORDS ? kept : null;
  } catch {
    return null;
  }
}

export function word(name) {
  return WORDS[language][name] ?? name;
}

// The name of a kind of receipt or copy; one that this page does not know is shown as its id.
export function kindName(id) {
  return KINDS[language][id] ?? id.replaceAll("_", " ");
}

export function onLanguage(listener) {
  listeners.push(listener);
}

export function speak(chosen) {
  language = chosen;
  try {
    localStorage.setItem("language", chosen);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
  translate();
}

export function translate() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", word(element.dataset.label));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-current", String(button.dataset.language === language));
  }
  for (const listener of listeners) {
    listener();
  }
}
